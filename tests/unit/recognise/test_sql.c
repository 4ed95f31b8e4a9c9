/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "limit.h"
#include "sql.h"
#include "sql_words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum recognised read_one(struct str text)
{
        const char *why = "untouched";
        enum recognised r = sql_read(text, &why);

        cr_expect_eq(r == RECOGNISED_HOLDS, why == NULL, "%.*s: %s", STR_FMT(text), why ? why : "no reason");
        return r;
}

static void expect_all(const struct str *texts, size_t count, enum recognised expected)
{
        for (size_t i = 0; i < count; i++) {
                const char *why = NULL;

                cr_expect_eq(sql_read(texts[i], &why), expected, "row %zu: %.*s: %s", i, STR_FMT(texts[i]),
                        why ? why : "holds");
        }
}

Test(sql, ordinary_statements_hold)
{
        static const struct str texts[] = {
                STR_INIT("SELECT 1"),
                STR_INIT("select 1;"),
                STR_INIT(" SELECT 1 ; \n"),
                STR_INIT("SELECT * FROM users"),
                STR_INIT("SELECT u.*, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.age >= 18 LIMIT "
                         "10"),
                STR_INIT("SELECT DISTINCT city FROM public.users ORDER BY city DESC NULLS LAST LIMIT 10 OFFSET 20"),
                STR_INIT("SELECT count(*) AS n, avg(price) FROM items GROUP BY kind HAVING count(*) > 3 ORDER BY n"),
                STR_INIT("SELECT \"createdAt\" FROM \"Order\" WHERE \"userId\" = 5"),
                STR_INIT("VALUES (1, 'a'), (2, 'b')"),
                STR_INIT("SELECT name FROM t WHERE name LIKE '%it''s%' AND id NOT IN (1, 2, 3)"),
                STR_INIT("SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE u.d = t.d) OR EXISTS (SELECT 1 FROM v)"),
                STR_INIT("SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END AS k, CASE b WHEN 1 THEN 2 END FROM t"),
                STR_INIT("SELECT CAST(a AS integer), CAST(b AS numeric(10, 2)), CAST(c AS double precision) FROM t"),
                STR_INIT("WITH x AS (SELECT a FROM t), y (b) AS (SELECT a FROM x) SELECT * FROM y LEFT OUTER JOIN x ON "
                         "x.a = y.b"),
                STR_INIT("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM "
                         "n"),
                STR_INIT("SELECT a FROM t UNION SELECT b FROM u EXCEPT SELECT c FROM v ORDER BY 1"),
                STR_INIT("SELECT a, row_number() OVER (PARTITION BY b ORDER BY c DESC) AS r FROM t"),
                STR_INIT("SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t"),
                STR_INIT("SELECT count(DISTINCT a) FILTER (WHERE a > 0) FROM t"),
                STR_INIT("SELECT -a, +1, - -2 FROM t"),
                STR_INIT("SELECT * FROM (SELECT a FROM t) AS s CROSS JOIN u NATURAL JOIN v"),
                STR_INIT("SELECT a||b FROM t"),
                STR_INIT("SELECT a FROM t WHERE b BETWEEN 1 AND 2.5 AND c IS NOT NULL AND d IS DISTINCT FROM 1e-3"),
                STR_INIT("SELECT lower(trim(name)), coalesce(a, 'none'), substr(b, 1, 3), left(c, 2) FROM t"),
                STR_INIT("SELECT date '2026-01-01' + interval '1 day', now() - interval '7' day, now() - interval 1 "
                         "month"),
                STR_INIT("SELECT extract(year FROM created) FROM t WHERE created > current_date AND a ILIKE 'x%'"),
                STR_INIT("SELECT TOP 5 a FROM dbo.t"),
                STR_INIT("SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY"),
                STR_INIT("SELECT a FROM t WHERE b = 'Gr\xC3\xBC\xC3\x9F"
                         "e \xE6\x97\xA5\xE6\x9C\xAC'"),
                STR_INIT("SELECT a FROM t1, t2 AS x, t3 y WHERE t1.id=x.id AND y.k<>'#1'"),
                STR_INIT("SELECT\n\ta\r\nFROM\n\tt"),
                STR_INIT("SELECT a AS \"Total Sum\" FROM t"),
                STR_INIT("SELECT t.date, t.comment, t.start, t.status FROM t"),
                STR_INIT("SELECT a FROM t WHERE x LIKE 'a!_%' ESCAPE '!'"),
                STR_INIT("SELECT ts AT TIME ZONE 'UTC' FROM t"),
                STR_INIT("SELECT (a + b) * 2 % 3 FROM t WHERE NOT (a = 1 OR b != 2)"),
                STR_INIT("SELECT null, true, FALSE"),
                STR_INIT("SELECT max(a) FROM t FULL JOIN u USING (id, k)"),
                STR_INIT("SELECT a FROM s.d.t"),
        };

        expect_all(texts, COUNT(texts), RECOGNISED_HOLDS);
}

Test(sql, what_does_more_than_read)
{
        static const struct str texts[] = {
                STR_INIT(""),
                STR_INIT(" "),
                STR_INIT(";"),
                STR_INIT("INSERT INTO t VALUES (1)"),
                STR_INIT("UPDATE t SET a = 1"),
                STR_INIT("DELETE FROM t"),
                STR_INIT("MERGE INTO t"),
                STR_INIT("REPLACE INTO t VALUES (1)"),
                STR_INIT("DROP TABLE t"),
                STR_INIT("CREATE TABLE t AS SELECT 1"),
                STR_INIT("ALTER TABLE t ADD a int"),
                STR_INIT("TRUNCATE t"),
                STR_INIT("PRAGMA table_info(t)"),
                STR_INIT("PRAGMA writable_schema = 1"),
                STR_INIT("ATTACH 'x' AS y"),
                STR_INIT("COPY t TO PROGRAM 'id'"),
                STR_INIT("CALL p()"),
                STR_INIT("EXEC p"),
                STR_INIT("EXECUTE p"),
                STR_INIT("SET a = 1"),
                STR_INIT("LOAD DATA INFILE 'x' INTO TABLE t"),
                STR_INIT("EXPLAIN SELECT 1"),
                STR_INIT("EXPLAIN ANALYZE DELETE FROM t"),
                STR_INIT("BEGIN"),
                STR_INIT("COMMIT"),
                STR_INIT("ROLLBACK"),
                STR_INIT("VACUUM INTO 'x'"),
                STR_INIT("GRANT ALL ON t TO u"),
                STR_INIT("SHOW TABLES"),
                STR_INIT("DO $$ BEGIN END $$"),
                STR_INIT("HANDLER t OPEN"),
                STR_INIT("TABLE t"),
                STR_INIT("xp_cmdshell 'id'"),
                STR_INIT("SELECT 1; DROP TABLE t"),
                STR_INIT("SELECT 1;;"),
                STR_INIT("SELECT 1; SELECT 2"),
                STR_INIT("SELECT 1; COMMIT; DROP TABLE t"),
                STR_INIT("COMMIT; DROP TABLE t"),
                STR_INIT("SELECT 1 SELECT 2"),
                STR_INIT("SELECT 1 DROP TABLE t"),
                STR_INIT("SELECT 1 SHUTDOWN"),
                STR_INIT("SELECT 1 COMMIT"),
                STR_INIT("SELECT 1 FROM t ROLLBACK"),
                STR_INIT("SELECT 1 FROM t CHECKPOINT"),
                STR_INIT("SELECT 1 FROM t RECONFIGURE"),
                STR_INIT("SELECT 1 FROM t u DELETE FROM t"),
                STR_INIT("SELECT 1 FROM t WHERE a = 1 EXEC p"),
                STR_INIT("SELECT 1 REVERT"),
                STR_INIT("SELECT 1 THROW"),
                STR_INIT("SELECT 1 AS a\nGO\nSELECT 1"),
                STR_INIT("SELECT 1\nGO"),
                STR_INIT("SELECT 1 AS GO"),
                STR_INIT("SELECT 1 WAITFOR DELAY '1'"),
                STR_INIT("SELECT a INTO b FROM t"),
                STR_INIT("SELECT a FROM t INTO OUTFILE '/x'"),
                STR_INIT("SELECT a INTO DUMPFILE '/x'"),
                STR_INIT("SELECT a FROM t FOR UPDATE"),
                STR_INIT("SELECT a FROM t FOR SHARE"),
                STR_INIT("SELECT a FROM t FOR NO KEY UPDATE"),
                STR_INIT("SELECT a FROM t LOCK IN SHARE MODE"),
                STR_INIT("SELECT a FROM t WITH (UPDLOCK)"),
                STR_INIT("SELECT a FROM t (TABLOCKX)"),
                STR_INIT("SELECT a FROM t x (TABLOCKX)"),
                STR_INIT("SELECT a FROM t FOR XML AUTO"),
                STR_INIT("SELECT a FROM t OPTION (RECOMPILE)"),
                STR_INIT("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x"),
                STR_INIT("WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT 1"),
                STR_INIT("WITH x AS (SELECT 1) DELETE FROM t"),
                STR_INIT("WITH x AS (SELECT 1) INSERT INTO t SELECT 1"),
                STR_INIT("WITH x AS (UPDATE t SET a=1) SELECT 1"),
                STR_INIT("SELECT * FROM (DELETE FROM t RETURNING *) x"),
                STR_INIT("SELECT (DELETE FROM t)"),
                STR_INIT("SELECT NEXT VALUE FOR s"),
                STR_INIT("SELECT s.nextval FROM dual"),
                STR_INIT("SELECT s.NEXTVAL"),
                STR_INIT("SELECT * FROM t PROCEDURE ANALYSE()"),
        };

        expect_all(texts, COUNT(texts), RECOGNISED_UNREADABLE);
}

Test(sql, functions_outside_the_list)
{
        static const struct str texts[] = {
                STR_INIT("SELECT pg_sleep(1)"),
                STR_INIT("SELECT sleep(1)"),
                STR_INIT("SELECT benchmark(1, 2)"),
                STR_INIT("SELECT load_file('/x')"),
                STR_INIT("SELECT pg_read_file('/x')"),
                STR_INIT("SELECT lo_import('/x')"),
                STR_INIT("SELECT dblink('x', 'y')"),
                STR_INIT("SELECT nextval('s')"),
                STR_INIT("SELECT setval('s', 1)"),
                STR_INIT("SELECT load_extension('x')"),
                STR_INIT("SELECT readfile('x')"),
                STR_INIT("SELECT writefile('x', 'y')"),
                STR_INIT("SELECT set_config('a', 'b', false)"),
                STR_INIT("SELECT pg_terminate_backend(1)"),
                STR_INIT("SELECT query_to_xml('x', true, true, '')"),
                STR_INIT("SELECT f(1)"),
                STR_INIT("SELECT s.lower('x')"),
                STR_INIT("SELECT dbo.f(1)"),
                STR_INIT("SELECT pg_catalog.lower('x')"),
                STR_INIT("SELECT \"lower\"('x')"),
                STR_INIT("SELECT lower ('x')"),
                STR_INIT("SELECT count (*)"),
                STR_INIT("SELECT lower\n('x')"),
                STR_INIT("SELECT lower(*)"),
                STR_INIT("SELECT lower(DISTINCT a)"),
                STR_INIT("SELECT row_number() FROM t"),
                STR_INIT("SELECT lower(a) OVER () FROM t"),
                STR_INIT("SELECT * FROM generate_series(1, 2)"),
                STR_INIT("SELECT * FROM json_each('x')"),
                STR_INIT("SELECT * FROM pg_ls_dir('/')"),
                STR_INIT("SELECT * FROM OPENROWSET('x', 'y', 'z')"),
                STR_INIT("SELECT * FROM OPENQUERY(a, 'b')"),
                STR_INIT("SELECT * FROM lower('x')"),
                STR_INIT("SELECT * FROM pragma_table_info('t')"),
                STR_INIT("SELECT * FROM pragma_user_version"),
                STR_INIT("SELECT * FROM main.PRAGMA_x"),
                STR_INIT("SELECT * FROM \"pragma_x\""),
                STR_INIT("SELECT * FROM fsdir WHERE path = '/'"),
                STR_INIT("SELECT * FROM t, LATERAL (SELECT 1) x"),
                STR_INIT("SELECT CAST(a AS mytype)"),
                STR_INIT("SELECT CAST (1 AS int)"),
                STR_INIT("SELECT regclass 'x'"),
                STR_INIT("SELECT current_date(1)"),
                STR_INIT("SELECT hierarchyid::GetRoot()"),
                STR_INIT("SELECT a.b.c()"),
                STR_INIT("SELECT exists (1)"),
                STR_INIT("SELECT zeroblob(1e9)"),
        };

        expect_all(texts, COUNT(texts), RECOGNISED_UNREADABLE);
}

Test(sql, what_the_dialects_cut_differently)
{
        static const struct str texts[] = {
                STR_INIT("SELECT 1 -- x"),
                STR_INIT("SELECT 1--1"),
                STR_INIT("SELECT 1 # x"),
                STR_INIT("SELECT 1 /* x */"),
                STR_INIT("SELECT /*! 1 */ 2"),
                STR_INIT("SELECT /*/* x */ 1 */"),
                STR_INIT("SELECT 1 */"),
                STR_INIT("SELECT/**/1"),
                STR_INIT("SELECT 1 -- x\rDROP TABLE t"),
                STR_INIT("SELECT 'a\\' OR 1'"),
                STR_INIT("SELECT 'a\\'' -- '"),
                STR_INIT("SELECT 'a\\b'"),
                STR_INIT("SELECT E'a'"),
                STR_INIT("SELECT N'a'"),
                STR_INIT("SELECT x'41'"),
                STR_INIT("SELECT U&'a'"),
                STR_INIT("SELECT U&\"a\""),
                STR_INIT("SELECT _utf8'a'"),
                STR_INIT("SELECT $$a$$"),
                STR_INIT("SELECT $a$b$a$"),
                STR_INIT("SELECT 'a"),
                STR_INIT("SELECT \"a"),
                STR_INIT("SELECT \"\""),
                STR_INIT("SELECT \"a\"\"b\""),
                STR_INIT("SELECT \"a'b\""),
                STR_INIT("SELECT \"a;b\""),
                STR_INIT("SELECT 'a' 'b'"),
                STR_INIT("SELECT 'a'\n'b'"),
                STR_INIT("SELECT 'a'b"),
                STR_INIT("SELECT a AS 'b'"),
                STR_INIT("SELECT [a] FROM t"),
                STR_INIT("SELECT `a` FROM t"),
                STR_INIT("SELECT {d '2026-01-01'}"),
                STR_INIT("SELECT @a"),
                STR_INIT("SELECT @@version"),
                STR_INIT("SELECT :a"),
                STR_INIT("SELECT ?"),
                STR_INIT("SELECT $1"),
                STR_INIT("SELECT a::int"),
                STR_INIT("SELECT a := 1"),
                STR_INIT("SELECT a$b FROM t"),
                STR_INIT("SELECT #t FROM #t"),
                STR_INIT("SELECT a ? b FROM t"),
                STR_INIT("SELECT a @> b FROM t"),
                STR_INIT("SELECT a -> b FROM t"),
                STR_INIT("SELECT ~a"),
                STR_INIT("SELECT !a"),
                STR_INIT("SELECT a & b"),
                STR_INIT("SELECT a | b"),
                STR_INIT("SELECT a ^ b"),
                STR_INIT("SELECT a == b"),
                STR_INIT("SELECT a <=> b"),
                STR_INIT("SELECT a *= b"),
                STR_INIT("SELECT a =-1"),
                STR_INIT("SELECT a && b"),
                STR_INIT("SELECT 1a"),
                STR_INIT("SELECT 0x41"),
                STR_INIT("SELECT 1."),
                STR_INIT("SELECT 1.2.3"),
                STR_INIT("SELECT 1e"),
                STR_INIT("SELECT .5"),
                STR_INIT("SELECT t . a FROM t"),
                STR_INIT("SELECT t. a FROM t"),
                STR_INIT("SELECT a.b.c.d FROM t"),
                STR_INIT("SELECT\xC2\xA0"
                         "1"),
                STR_INIT("\xEF\xBB\xBFSELECT 1"),
                STR_INIT("SELECT 1\x0B"),
                STR_INIT("SELECT 1\x0C"),
                STR_INIT("SELECT\0001"),
                STR_INIT("SELECT 'a\0b'"),
                STR_INIT("SELECT 'a\nb'"),
                STR_INIT("SELECT 1\x1A"),
                STR_INIT("SELECT \xEF\xBC\x87 OR 1"),
                STR_INIT("SELECT 'a\xEF\xBC\x87 OR 1'"),
                STR_INIT("SELECT 'a\xE2\x80\x99'"),
                STR_INIT("SELECT 'a\xCA\xBC'"),
                STR_INIT("SELECT 'a\xC2\xA5'"),
                STR_INIT("SELECT 'a\xFF'"),
                STR_INIT("SELECT 'a\xC0\xA7'"),
                STR_INIT("SELECT '\xE0\x80\xA7'"),
                STR_INIT("SELECT 'a;b'"),
                STR_INIT("SELECT 'a--b'"),
                STR_INIT("SELECT '/*'"),
                STR_INIT("SELECT '*/'"),
                STR_INIT("SELECT \xC3\xA9 FROM t"),
                STR_INIT("SELECT 1;\0"),
                STR_INIT("\\! id"),
                STR_INIT("SELECT 1 \\g"),
                STR_INIT("!! id"),
        };

        expect_all(texts, COUNT(texts), RECOGNISED_UNREADABLE);
}

Test(sql, what_does_not_derive)
{
        static const struct str texts[] = {
                STR_INIT("SELECT"),
                STR_INIT("SELECT FROM t"),
                STR_INIT("SELECT a,"),
                STR_INIT("SELECT a b c"),
                STR_INIT("SELECT , a"),
                STR_INIT("SELECT (a"),
                STR_INIT("SELECT a)"),
                STR_INIT("SELECT ()"),
                STR_INIT("SELECT a FROM"),
                STR_INIT("SELECT a FROM t WHERE"),
                STR_INIT("SELECT a FROM t GROUP a"),
                STR_INIT("SELECT a FROM t ORDER a"),
                STR_INIT("SELECT a FROM t LIMIT"),
                STR_INIT("SELECT a FROM t LIMIT (SELECT 1)"),
                STR_INIT("SELECT a FROM t LIMIT b"),
                STR_INIT("SELECT a IN () FROM t"),
                STR_INIT("SELECT a IN b FROM t"),
                STR_INIT("SELECT a NOT FROM t"),
                STR_INIT("SELECT CASE END"),
                STR_INIT("SELECT CASE WHEN 1 THEN 2"),
                STR_INIT("SELECT CASE a ELSE 1 END"),
                STR_INIT("SELECT a BETWEEN 1"),
                STR_INIT("VALUES 1"),
                STR_INIT("VALUES ()"),
                STR_INIT("VALUES (1) LIMIT 1"),
                STR_INIT("SELECT a FROM (t)"),
                STR_INIT("(SELECT 1)"),
                STR_INIT("SELECT 1 UNION"),
                STR_INIT("SELECT 1 UNION VALUES (1)"),
                STR_INIT("WITH SELECT 1"),
                STR_INIT("WITH x AS SELECT 1"),
                STR_INIT("WITH x AS (SELECT 1)"),
                STR_INIT("WITH x AS (WITH y AS (SELECT 1) SELECT 1) SELECT 1"),
                STR_INIT("SELECT a FROM t JOIN"),
                STR_INIT("SELECT a FROM t LEFT u"),
                STR_INIT("SELECT a FROM t NATURAL CROSS JOIN u"),
                STR_INIT("SELECT * a FROM t"),
                STR_INIT("SELECT t.*.a FROM t"),
                STR_INIT("SELECT a.* b"),
                STR_INIT("SELECT select"),
                STR_INIT("SELECT a FROM select"),
                STR_INIT("SELECT a AS from"),
                STR_INIT("SELECT EXISTS (a)"),
                STR_INIT("SELECT a IS b"),
                STR_INIT("SELECT extract(foo FROM a)"),
                STR_INIT("SELECT interval a"),
                STR_INIT("SELECT a LIKE b ESCAPE c"),
                STR_INIT("SELECT DISTINCT ON (a) b FROM t"),
                STR_INIT("SELECT a FROM t GROUP BY ROLLUP (a)"),
                STR_INIT("SELECT sum(a) OVER w FROM t"),
        };

        expect_all(texts, COUNT(texts), RECOGNISED_UNREADABLE);
}

/* T-SQL needs no semicolon: a reserved word behind a value or a table begins a statement, and so is no alias. */
Test(sql, reserved_words_are_no_bare_aliases)
{
        /* clang-format off */
        static const char *const words[] = {
                "add", "all", "alter", "and", "any", "as", "asc", "authorization", "backup", "begin", "between",
                "break", "browse", "bulk", "by", "cascade", "case", "check", "checkpoint", "close", "clustered",
                "coalesce", "collate", "column", "commit", "compute", "constraint", "contains", "containstable",
                "continue", "convert", "create", "cross", "current", "current_date", "current_time",
                "current_timestamp", "current_user", "cursor", "database", "dbcc", "deallocate", "declare",
                "default", "delete", "deny", "desc", "disk", "distinct", "distributed", "double", "drop", "dump",
                "else", "end", "errlvl", "escape", "except", "exec", "execute", "exists", "exit", "external",
                "fetch", "file", "fillfactor", "for", "foreign", "freetext", "freetexttable", "from", "full",
                "function", "goto", "grant", "group", "having", "holdlock", "identity", "identity_insert",
                "identitycol", "if", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key",
                "kill", "label", "left", "like", "lineno", "load", "merge", "national", "nocheck", "nonclustered",
                "not", "null", "nullif", "of", "off", "offsets", "on", "open", "opendatasource", "openquery",
                "openrowset", "openxml", "option", "or", "order", "outer", "over", "percent", "pivot", "plan",
                "precision", "primary", "print", "proc", "procedure", "public", "raiserror", "read", "readtext",
                "reconfigure", "references", "replication", "restore", "restrict", "return", "revert", "revoke",
                "right", "rollback", "rowcount", "rowguidcol", "rule", "save", "schema", "securityaudit", "select",
                "semantickeyphrasetable", "semanticsimilaritydetailstable", "semanticsimilaritytable",
                "session_user", "set", "setuser", "shutdown", "some", "statistics", "system_user", "table",
                "tablesample", "textsize", "then", "to", "top", "tran", "transaction", "trigger", "truncate",
                "try_convert", "tsequal", "union", "unique", "unpivot", "update", "updatetext", "use", "user",
                "values", "varying", "view", "waitfor", "when", "where", "while", "with", "within", "writetext",
                "throw", "enable", "disable", "send", "receive", "get", "move", "go",
        };
        /* clang-format on */
        char text[80];

        for (size_t i = 0; i < COUNT(words); i++) {
                int n = snprintf(text, sizeof(text), "SELECT a %s", words[i]);

                cr_expect_eq(read_one(str_of(text, (size_t)n)), RECOGNISED_UNREADABLE, "%s", text);
                n = snprintf(text, sizeof(text), "SELECT a FROM t %s", words[i]);
                cr_expect_eq(read_one(str_of(text, (size_t)n)), RECOGNISED_UNREADABLE, "%s", text);
                n = snprintf(text, sizeof(text), "SELECT a FROM t WHERE a = b %s", words[i]);
                cr_expect_eq(read_one(str_of(text, (size_t)n)), RECOGNISED_UNREADABLE, "%s", text);
        }
}

/* Each word of the tables is found, in any case: the search relies on their order. */
Test(sql, tables_are_sorted)
{
        static const char *const reserved[] = { "abort", "SELECT", "Zerofill", "into", "FOR",
                "semanticsimilaritydetailstable" };
        static const char *const functions[] = { "abs", "COUNT", "Year", "left", "lower" };

        for (size_t i = 0; i < COUNT(reserved); i++)
                cr_expect_not(sql_is_bare_alias(str_from(reserved[i])), "%s", reserved[i]);
        for (size_t i = 0; i < COUNT(functions); i++)
                cr_expect_neq(sql_function_flags(str_from(functions[i])), 0, "%s", functions[i]);
        cr_expect(sql_words_are_sorted());
        cr_expect_eq(sql_function_flags(STR("lo")), 0);
        cr_expect_eq(sql_function_flags(STR("")), 0);
        cr_expect(sql_is_bare_alias(STR("semanticsimilaritydetailstables")));
}

static size_t nested(char *text, size_t depth, char open, char close)
{
        size_t n = 7;

        memcpy(text, "SELECT ", n);
        memset(text + n, open, depth);
        n += depth;
        text[n++] = '1';
        memset(text + n, close, depth);
        return n + depth;
}

Test(sql, limits)
{
        static char text[LIMIT_SQL_BYTES + 1];
        size_t n = 0;

        /* The expression around all counts once, each parenthesis and the expression in it once more. */
        cr_expect_eq(read_one(str_of(text, nested(text, LIMIT_SQL_DEPTH / 2 - 1, '(', ')'))), RECOGNISED_HOLDS);
        cr_expect_eq(read_one(str_of(text, nested(text, LIMIT_SQL_DEPTH / 2, '(', ')'))), RECOGNISED_UNREADABLE);
        cr_expect_eq(read_one(str_of(text, nested(text, 8000, '(', ')'))), RECOGNISED_UNREADABLE);
        memset(text, ' ', sizeof(text));
        memcpy(text, "SELECT 1", 8);
        cr_expect_eq(read_one(str_of(text, LIMIT_SQL_BYTES - 1)), RECOGNISED_HOLDS);
        cr_expect_eq(read_one(str_of(text, LIMIT_SQL_BYTES)), RECOGNISED_HOLDS);
        cr_expect_eq(read_one(str_of(text, LIMIT_SQL_BYTES + 1)), RECOGNISED_UNREADABLE);
        for (size_t length = 63; length <= 65; length++) {
                n = (size_t)snprintf(text, sizeof(text), "SELECT %0*d", (int)length, 0);
                memset(text + 7, 'a', length);
                cr_expect_eq(read_one(str_of(text, n)), length <= 64 ? RECOGNISED_HOLDS : RECOGNISED_UNREADABLE);
                n = (size_t)snprintf(text, sizeof(text), "SELECT \"%0*d\"", (int)length, 0);
                cr_expect_eq(read_one(str_of(text, n)), length <= 64 ? RECOGNISED_HOLDS : RECOGNISED_UNREADABLE);
        }
}
