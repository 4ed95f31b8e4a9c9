/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_words.h"

#include <stdlib.h>
#include <string.h>

/* The longest word of any table. */
#define WORD_BYTES_MAX 30U

enum { NO_NAME = 1, NO_ALIAS = 2 };

/* Without pointers: these tables would be a quarter of what is relocated at every start. */
struct word {
        char text[WORD_BYTES_MAX + 1];
        unsigned char flags;
};

#define WORD(text, flags) \
        { \
                text, flags \
        }
#define FUNCTION(text, kind) \
        { \
                text, SQL_FUNCTION_##kind \
        }

/* clang-format off */

/* NO_NAME: what opens, joins or ends a clause here or in some dialect, or opens a statement that writes, or stands for
 * a sequence's next value. NO_ALIAS: the other words that T-SQL, MySQL or PostgreSQL reserve, or begin something with
 * behind a table or a value. Sorted. */
static const struct word reserved[] = {
        WORD("abort", NO_ALIAS), WORD("accessible", NO_ALIAS), WORD("add", NO_ALIAS), WORD("all", NO_NAME),
        WORD("alter", NO_NAME), WORD("analyse", NO_ALIAS), WORD("analyze", NO_ALIAS), WORD("and", NO_NAME),
        WORD("any", NO_NAME), WORD("apply", NO_ALIAS), WORD("array", NO_ALIAS), WORD("as", NO_NAME),
        WORD("asc", NO_NAME), WORD("asensitive", NO_ALIAS), WORD("asymmetric", NO_ALIAS), WORD("at", NO_ALIAS),
        WORD("attach", NO_NAME), WORD("authorization", NO_ALIAS), WORD("backup", NO_ALIAS), WORD("before", NO_ALIAS),
        WORD("begin", NO_NAME), WORD("between", NO_NAME), WORD("bigint", NO_ALIAS), WORD("binary", NO_ALIAS),
        WORD("blob", NO_ALIAS), WORD("both", NO_ALIAS), WORD("break", NO_ALIAS), WORD("browse", NO_ALIAS),
        WORD("bulk", NO_ALIAS), WORD("by", NO_NAME), WORD("call", NO_ALIAS), WORD("cascade", NO_ALIAS),
        WORD("case", NO_NAME), WORD("cast", NO_NAME), WORD("change", NO_ALIAS), WORD("char", NO_ALIAS),
        WORD("character", NO_ALIAS), WORD("check", NO_ALIAS), WORD("checkpoint", NO_NAME), WORD("close", NO_ALIAS),
        WORD("cluster", NO_ALIAS), WORD("clustered", NO_ALIAS), WORD("coalesce", NO_ALIAS), WORD("collate", NO_NAME),
        WORD("collation", NO_ALIAS), WORD("column", NO_ALIAS), WORD("comment", NO_ALIAS), WORD("commit", NO_NAME),
        WORD("compute", NO_NAME), WORD("computed", NO_ALIAS), WORD("concurrently", NO_ALIAS),
        WORD("condition", NO_ALIAS), WORD("constraint", NO_ALIAS), WORD("contains", NO_ALIAS),
        WORD("containstable", NO_ALIAS), WORD("continue", NO_ALIAS), WORD("convert", NO_ALIAS),
        WORD("copy", NO_ALIAS), WORD("create", NO_NAME), WORD("cross", NO_NAME), WORD("cube", NO_ALIAS),
        WORD("cume_dist", NO_ALIAS), WORD("current", NO_ALIAS), WORD("current_catalog", NO_ALIAS),
        WORD("current_date", NO_ALIAS), WORD("current_role", NO_ALIAS), WORD("current_schema", NO_ALIAS),
        WORD("current_time", NO_ALIAS), WORD("current_timestamp", NO_ALIAS), WORD("current_user", NO_ALIAS),
        WORD("currval", NO_NAME), WORD("cursor", NO_ALIAS), WORD("database", NO_ALIAS), WORD("databases", NO_ALIAS),
        WORD("day_hour", NO_ALIAS), WORD("day_microsecond", NO_ALIAS), WORD("day_minute", NO_ALIAS),
        WORD("day_second", NO_ALIAS), WORD("dbcc", NO_NAME), WORD("deallocate", NO_NAME), WORD("dec", NO_ALIAS),
        WORD("decimal", NO_ALIAS), WORD("declare", NO_NAME), WORD("default", NO_ALIAS), WORD("deferrable", NO_ALIAS),
        WORD("delayed", NO_ALIAS), WORD("delete", NO_NAME), WORD("dense_rank", NO_ALIAS), WORD("deny", NO_ALIAS),
        WORD("desc", NO_NAME), WORD("describe", NO_ALIAS), WORD("detach", NO_NAME), WORD("deterministic", NO_ALIAS),
        WORD("disable", NO_ALIAS), WORD("discard", NO_ALIAS), WORD("disk", NO_ALIAS), WORD("distinct", NO_NAME),
        WORD("distinctrow", NO_ALIAS), WORD("distributed", NO_ALIAS), WORD("div", NO_ALIAS), WORD("do", NO_NAME),
        WORD("double", NO_ALIAS), WORD("drop", NO_NAME), WORD("dual", NO_ALIAS), WORD("dump", NO_ALIAS),
        WORD("dumpfile", NO_NAME), WORD("each", NO_ALIAS), WORD("else", NO_NAME), WORD("elseif", NO_ALIAS),
        WORD("empty", NO_ALIAS), WORD("enable", NO_ALIAS), WORD("enclosed", NO_ALIAS), WORD("end", NO_NAME),
        WORD("errlvl", NO_ALIAS), WORD("escape", NO_NAME), WORD("escaped", NO_ALIAS), WORD("except", NO_NAME),
        WORD("exclude", NO_ALIAS), WORD("exec", NO_NAME), WORD("execute", NO_NAME), WORD("exists", NO_NAME),
        WORD("exit", NO_ALIAS), WORD("explain", NO_NAME), WORD("export", NO_ALIAS), WORD("external", NO_ALIAS),
        WORD("extract", NO_NAME), WORD("false", NO_NAME), WORD("fetch", NO_NAME), WORD("file", NO_ALIAS),
        WORD("fillfactor", NO_ALIAS), WORD("filter", NO_ALIAS), WORD("final", NO_ALIAS),
        WORD("first_value", NO_ALIAS), WORD("float", NO_ALIAS), WORD("float4", NO_ALIAS), WORD("float8", NO_ALIAS),
        WORD("following", NO_ALIAS), WORD("for", NO_NAME), WORD("force", NO_ALIAS), WORD("foreign", NO_ALIAS),
        WORD("format", NO_ALIAS), WORD("freetext", NO_ALIAS), WORD("freetexttable", NO_ALIAS),
        WORD("freeze", NO_ALIAS), WORD("from", NO_NAME), WORD("full", NO_NAME), WORD("fulltext", NO_ALIAS),
        WORD("function", NO_ALIAS), WORD("generated", NO_ALIAS), WORD("get", NO_ALIAS), WORD("glob", NO_ALIAS),
        WORD("go", NO_NAME), WORD("goto", NO_ALIAS), WORD("grant", NO_NAME), WORD("group", NO_NAME),
        WORD("grouping", NO_ALIAS), WORD("groups", NO_ALIAS), WORD("handler", NO_ALIAS), WORD("having", NO_NAME),
        WORD("high_priority", NO_ALIAS), WORD("holdlock", NO_ALIAS), WORD("hour_microsecond", NO_ALIAS),
        WORD("hour_minute", NO_ALIAS), WORD("hour_second", NO_ALIAS), WORD("identity", NO_ALIAS),
        WORD("identity_insert", NO_ALIAS), WORD("identitycol", NO_ALIAS), WORD("if", NO_ALIAS),
        WORD("ignore", NO_ALIAS), WORD("ilike", NO_NAME), WORD("import", NO_ALIAS), WORD("in", NO_NAME),
        WORD("index", NO_ALIAS), WORD("indexed", NO_ALIAS), WORD("infile", NO_ALIAS), WORD("initially", NO_ALIAS),
        WORD("inner", NO_NAME), WORD("inout", NO_ALIAS), WORD("insensitive", NO_ALIAS), WORD("insert", NO_NAME),
        WORD("install", NO_ALIAS), WORD("int", NO_ALIAS), WORD("int1", NO_ALIAS), WORD("int2", NO_ALIAS),
        WORD("int3", NO_ALIAS), WORD("int4", NO_ALIAS), WORD("int8", NO_ALIAS), WORD("integer", NO_ALIAS),
        WORD("intersect", NO_NAME), WORD("interval", NO_NAME), WORD("into", NO_NAME),
        WORD("io_after_gtids", NO_ALIAS), WORD("io_before_gtids", NO_ALIAS), WORD("is", NO_NAME),
        WORD("isnull", NO_ALIAS), WORD("iterate", NO_ALIAS), WORD("join", NO_NAME), WORD("json_table", NO_ALIAS),
        WORD("key", NO_ALIAS), WORD("keys", NO_ALIAS), WORD("kill", NO_NAME), WORD("label", NO_ALIAS),
        WORD("lag", NO_ALIAS), WORD("last_value", NO_ALIAS), WORD("lastval", NO_NAME), WORD("lateral", NO_NAME),
        WORD("lead", NO_ALIAS), WORD("leading", NO_ALIAS), WORD("leave", NO_ALIAS), WORD("left", NO_NAME),
        WORD("like", NO_NAME), WORD("limit", NO_NAME), WORD("linear", NO_ALIAS), WORD("lineno", NO_ALIAS),
        WORD("lines", NO_ALIAS), WORD("listen", NO_ALIAS), WORD("load", NO_ALIAS), WORD("localtime", NO_ALIAS),
        WORD("localtimestamp", NO_ALIAS), WORD("lock", NO_ALIAS), WORD("long", NO_ALIAS), WORD("longblob", NO_ALIAS),
        WORD("longtext", NO_ALIAS), WORD("loop", NO_ALIAS), WORD("low_priority", NO_ALIAS),
        WORD("master_bind", NO_ALIAS), WORD("master_ssl_verify_server_cert", NO_ALIAS), WORD("match", NO_ALIAS),
        WORD("maxvalue", NO_ALIAS), WORD("mediumblob", NO_ALIAS), WORD("mediumint", NO_ALIAS),
        WORD("mediumtext", NO_ALIAS), WORD("merge", NO_NAME), WORD("middleint", NO_ALIAS), WORD("minus", NO_NAME),
        WORD("minute_microsecond", NO_ALIAS), WORD("minute_second", NO_ALIAS), WORD("mod", NO_ALIAS),
        WORD("modifies", NO_ALIAS), WORD("move", NO_ALIAS), WORD("national", NO_ALIAS), WORD("natural", NO_NAME),
        WORD("next", NO_NAME), WORD("nextval", NO_NAME), WORD("no_write_to_binlog", NO_ALIAS),
        WORD("nocheck", NO_ALIAS), WORD("nonclustered", NO_ALIAS), WORD("not", NO_NAME), WORD("notify", NO_ALIAS),
        WORD("notnull", NO_ALIAS), WORD("nth_value", NO_ALIAS), WORD("ntile", NO_ALIAS), WORD("null", NO_NAME),
        WORD("nullif", NO_ALIAS), WORD("numeric", NO_ALIAS), WORD("of", NO_ALIAS), WORD("off", NO_ALIAS),
        WORD("offset", NO_NAME), WORD("offsets", NO_ALIAS), WORD("on", NO_NAME), WORD("only", NO_ALIAS),
        WORD("open", NO_ALIAS), WORD("opendatasource", NO_NAME), WORD("openquery", NO_NAME),
        WORD("openrowset", NO_NAME), WORD("openxml", NO_NAME), WORD("optimize", NO_ALIAS),
        WORD("optimizer_costs", NO_ALIAS), WORD("option", NO_ALIAS), WORD("optionally", NO_ALIAS),
        WORD("or", NO_NAME), WORD("order", NO_NAME), WORD("out", NO_ALIAS), WORD("outer", NO_NAME),
        WORD("outfile", NO_NAME), WORD("output", NO_ALIAS), WORD("over", NO_NAME), WORD("overlaps", NO_ALIAS),
        WORD("partition", NO_ALIAS), WORD("percent", NO_ALIAS), WORD("percent_rank", NO_ALIAS),
        WORD("perform", NO_ALIAS), WORD("pivot", NO_NAME), WORD("placing", NO_ALIAS), WORD("plan", NO_ALIAS),
        WORD("pragma", NO_NAME), WORD("preceding", NO_ALIAS), WORD("precision", NO_ALIAS), WORD("prepare", NO_NAME),
        WORD("prewhere", NO_ALIAS), WORD("primary", NO_ALIAS), WORD("print", NO_ALIAS), WORD("proc", NO_NAME),
        WORD("procedure", NO_NAME), WORD("public", NO_ALIAS), WORD("purge", NO_ALIAS), WORD("qualify", NO_NAME),
        WORD("raise", NO_ALIAS), WORD("raiserror", NO_NAME), WORD("range", NO_ALIAS), WORD("rank", NO_ALIAS),
        WORD("read", NO_ALIAS), WORD("read_write", NO_ALIAS), WORD("reads", NO_ALIAS), WORD("readtext", NO_ALIAS),
        WORD("real", NO_ALIAS), WORD("receive", NO_ALIAS), WORD("reconfigure", NO_NAME), WORD("recursive", NO_ALIAS),
        WORD("references", NO_ALIAS), WORD("refresh", NO_ALIAS), WORD("regexp", NO_ALIAS), WORD("reindex", NO_NAME),
        WORD("release", NO_ALIAS), WORD("rename", NO_ALIAS), WORD("repeat", NO_ALIAS), WORD("replace", NO_NAME),
        WORD("replication", NO_ALIAS), WORD("require", NO_ALIAS), WORD("reset", NO_ALIAS), WORD("resignal", NO_ALIAS),
        WORD("restore", NO_ALIAS), WORD("restrict", NO_ALIAS), WORD("return", NO_ALIAS), WORD("returning", NO_NAME),
        WORD("returns", NO_ALIAS), WORD("revert", NO_ALIAS), WORD("revoke", NO_NAME), WORD("right", NO_NAME),
        WORD("rlike", NO_ALIAS), WORD("rollback", NO_NAME), WORD("row", NO_ALIAS), WORD("row_number", NO_ALIAS),
        WORD("rowcount", NO_ALIAS), WORD("rowguidcol", NO_ALIAS), WORD("rows", NO_ALIAS), WORD("rule", NO_ALIAS),
        WORD("sample", NO_ALIAS), WORD("save", NO_ALIAS), WORD("savepoint", NO_NAME), WORD("schema", NO_ALIAS),
        WORD("schemas", NO_ALIAS), WORD("second_microsecond", NO_ALIAS), WORD("security", NO_ALIAS),
        WORD("securityaudit", NO_ALIAS), WORD("select", NO_NAME), WORD("semantickeyphrasetable", NO_ALIAS),
        WORD("semanticsimilaritydetailstable", NO_ALIAS), WORD("semanticsimilaritytable", NO_ALIAS),
        WORD("send", NO_ALIAS), WORD("sensitive", NO_ALIAS), WORD("separator", NO_ALIAS),
        WORD("session_user", NO_ALIAS), WORD("set", NO_NAME), WORD("settings", NO_ALIAS), WORD("setuser", NO_ALIAS),
        WORD("setval", NO_NAME), WORD("show", NO_ALIAS), WORD("shutdown", NO_NAME), WORD("signal", NO_ALIAS),
        WORD("similar", NO_ALIAS), WORD("smallint", NO_ALIAS), WORD("some", NO_NAME), WORD("spatial", NO_ALIAS),
        WORD("specific", NO_ALIAS), WORD("sql", NO_ALIAS), WORD("sql_big_result", NO_ALIAS),
        WORD("sql_calc_found_rows", NO_ALIAS), WORD("sql_small_result", NO_ALIAS), WORD("sqlexception", NO_ALIAS),
        WORD("sqlstate", NO_ALIAS), WORD("sqlwarning", NO_ALIAS), WORD("ssl", NO_ALIAS), WORD("start", NO_ALIAS),
        WORD("starting", NO_ALIAS), WORD("statistics", NO_ALIAS), WORD("stored", NO_ALIAS),
        WORD("straight_join", NO_ALIAS), WORD("symmetric", NO_ALIAS), WORD("system", NO_ALIAS),
        WORD("system_user", NO_ALIAS), WORD("table", NO_NAME), WORD("tablesample", NO_NAME),
        WORD("terminated", NO_ALIAS), WORD("textsize", NO_ALIAS), WORD("then", NO_NAME), WORD("throw", NO_ALIAS),
        WORD("ties", NO_ALIAS), WORD("tinyblob", NO_ALIAS), WORD("tinyint", NO_ALIAS), WORD("tinytext", NO_ALIAS),
        WORD("to", NO_ALIAS), WORD("top", NO_NAME), WORD("trailing", NO_ALIAS), WORD("tran", NO_ALIAS),
        WORD("transaction", NO_ALIAS), WORD("trigger", NO_ALIAS), WORD("true", NO_NAME), WORD("truncate", NO_NAME),
        WORD("try_convert", NO_ALIAS), WORD("tsequal", NO_ALIAS), WORD("unbounded", NO_ALIAS), WORD("undo", NO_ALIAS),
        WORD("union", NO_NAME), WORD("unique", NO_ALIAS), WORD("unlisten", NO_ALIAS), WORD("unlock", NO_ALIAS),
        WORD("unpivot", NO_NAME), WORD("unsigned", NO_ALIAS), WORD("update", NO_NAME), WORD("updatetext", NO_ALIAS),
        WORD("upsert", NO_ALIAS), WORD("usage", NO_ALIAS), WORD("use", NO_NAME), WORD("user", NO_ALIAS),
        WORD("using", NO_NAME), WORD("utc_date", NO_ALIAS), WORD("utc_time", NO_ALIAS),
        WORD("utc_timestamp", NO_ALIAS), WORD("vacuum", NO_NAME), WORD("values", NO_NAME),
        WORD("varbinary", NO_ALIAS), WORD("varchar", NO_ALIAS), WORD("varcharacter", NO_ALIAS),
        WORD("variadic", NO_ALIAS), WORD("varying", NO_ALIAS), WORD("verbose", NO_ALIAS), WORD("view", NO_ALIAS),
        WORD("virtual", NO_ALIAS), WORD("waitfor", NO_NAME), WORD("when", NO_NAME), WORD("where", NO_NAME),
        WORD("while", NO_ALIAS), WORD("window", NO_NAME), WORD("with", NO_NAME), WORD("within", NO_ALIAS),
        WORD("write", NO_ALIAS), WORD("writetext", NO_ALIAS), WORD("xor", NO_ALIAS), WORD("year_month", NO_ALIAS),
        WORD("zerofill", NO_ALIAS),
};

/* Functions that only compute, in each of the dialects that has them: they take no text that they run, no path and no
 * size. Sorted. */
static const struct word functions[] = {
        FUNCTION("abs", SCALAR), FUNCTION("ascii", SCALAR), FUNCTION("avg", AGGREGATE),
        FUNCTION("bool_and", AGGREGATE), FUNCTION("bool_or", AGGREGATE), FUNCTION("ceil", SCALAR),
        FUNCTION("ceiling", SCALAR), FUNCTION("char_length", SCALAR), FUNCTION("character_length", SCALAR),
        FUNCTION("charindex", SCALAR), FUNCTION("coalesce", SCALAR), FUNCTION("concat", SCALAR),
        FUNCTION("concat_ws", SCALAR), FUNCTION("count", AGGREGATE | SQL_FUNCTION_STAR),
        FUNCTION("cume_dist", WINDOW), FUNCTION("curdate", SCALAR), FUNCTION("date", SCALAR),
        FUNCTION("date_format", SCALAR), FUNCTION("date_part", SCALAR), FUNCTION("date_trunc", SCALAR),
        FUNCTION("dateadd", SCALAR), FUNCTION("datediff", SCALAR), FUNCTION("datetime", SCALAR),
        FUNCTION("day", SCALAR), FUNCTION("dense_rank", WINDOW), FUNCTION("exp", SCALAR),
        FUNCTION("first_value", WINDOW), FUNCTION("floor", SCALAR), FUNCTION("getdate", SCALAR),
        FUNCTION("greatest", SCALAR), FUNCTION("group_concat", AGGREGATE), FUNCTION("hour", SCALAR),
        FUNCTION("ifnull", SCALAR), FUNCTION("iif", SCALAR), FUNCTION("initcap", SCALAR), FUNCTION("instr", SCALAR),
        FUNCTION("isnull", SCALAR), FUNCTION("json_array_length", SCALAR), FUNCTION("json_extract", SCALAR),
        FUNCTION("json_value", SCALAR), FUNCTION("julianday", SCALAR), FUNCTION("lag", WINDOW),
        FUNCTION("last_value", WINDOW), FUNCTION("lead", WINDOW), FUNCTION("least", SCALAR), FUNCTION("left", SCALAR),
        FUNCTION("len", SCALAR), FUNCTION("length", SCALAR), FUNCTION("ln", SCALAR), FUNCTION("log", SCALAR),
        FUNCTION("log10", SCALAR), FUNCTION("lower", SCALAR), FUNCTION("ltrim", SCALAR), FUNCTION("max", AGGREGATE),
        FUNCTION("min", AGGREGATE), FUNCTION("minute", SCALAR), FUNCTION("mod", SCALAR), FUNCTION("month", SCALAR),
        FUNCTION("now", SCALAR), FUNCTION("ntile", WINDOW), FUNCTION("nullif", SCALAR),
        FUNCTION("percent_rank", WINDOW), FUNCTION("power", SCALAR), FUNCTION("rank", WINDOW),
        FUNCTION("replace", SCALAR), FUNCTION("reverse", SCALAR), FUNCTION("right", SCALAR),
        FUNCTION("round", SCALAR), FUNCTION("row_number", WINDOW), FUNCTION("rtrim", SCALAR),
        FUNCTION("second", SCALAR), FUNCTION("sign", SCALAR), FUNCTION("split_part", SCALAR),
        FUNCTION("sqrt", SCALAR), FUNCTION("stddev", AGGREGATE), FUNCTION("stddev_pop", AGGREGATE),
        FUNCTION("stddev_samp", AGGREGATE), FUNCTION("strftime", SCALAR), FUNCTION("string_agg", AGGREGATE),
        FUNCTION("strpos", SCALAR), FUNCTION("substr", SCALAR), FUNCTION("substring", SCALAR),
        FUNCTION("sum", AGGREGATE), FUNCTION("time", SCALAR), FUNCTION("to_char", SCALAR),
        FUNCTION("to_date", SCALAR), FUNCTION("total", AGGREGATE), FUNCTION("trim", SCALAR),
        FUNCTION("typeof", SCALAR), FUNCTION("upper", SCALAR), FUNCTION("var_pop", AGGREGATE),
        FUNCTION("var_samp", AGGREGATE), FUNCTION("variance", AGGREGATE), FUNCTION("year", SCALAR),
};

static const struct word types[] = {
        WORD("bigint", 1), WORD("bit", 1), WORD("bool", 1), WORD("boolean", 1), WORD("char", 1), WORD("character", 1),
        WORD("date", 1), WORD("datetime", 1), WORD("datetime2", 1), WORD("decimal", 1), WORD("double", 1),
        WORD("float", 1), WORD("int", 1), WORD("integer", 1), WORD("json", 1), WORD("jsonb", 1), WORD("money", 1),
        WORD("nchar", 1), WORD("numeric", 1), WORD("nvarchar", 1), WORD("real", 1), WORD("signed", 1),
        WORD("smallint", 1), WORD("text", 1), WORD("time", 1), WORD("timestamp", 1), WORD("timestamptz", 1),
        WORD("tinyint", 1), WORD("uniqueidentifier", 1), WORD("unsigned", 1), WORD("uuid", 1), WORD("varchar", 1),
};

static const struct word date_parts[] = {
        WORD("century", 1), WORD("day", 1), WORD("decade", 1), WORD("dow", 1), WORD("doy", 1), WORD("epoch", 1),
        WORD("hour", 1), WORD("isodow", 1), WORD("microsecond", 1), WORD("millisecond", 1), WORD("minute", 1),
        WORD("month", 1), WORD("quarter", 1), WORD("second", 1), WORD("week", 1), WORD("year", 1),
};

/* clang-format on */

struct lowered {
        char bytes[WORD_BYTES_MAX];
        struct str text;
};

/* False for what is longer than any word of the tables. */
static bool lower(struct lowered *ret, struct str s)
{
        if (s.len > sizeof(ret->bytes))
                return false;
        for (size_t i = 0; i < s.len; ++i)
                ret->bytes[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + ('a' - 'A') : s.ptr[i]);
        ret->text = str_of(ret->bytes, s.len);
        return true;
}

static int compare(const void *key, const void *member)
{
        return str_cmp(*(const struct str *)key, str_from(((const struct word *)member)->text));
}

static unsigned find(const struct word *table, size_t count, struct str s)
{
        const struct word *found;
        struct lowered key;

        if (!lower(&key, s))
                return 0;
        found = bsearch(&key.text, table, count, sizeof(*table), compare);
        return found ? found->flags : 0;
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FIND(table, s) find(table, COUNT(table), s)

bool sql_is_name(struct str word)
{
        return FIND(reserved, word) != NO_NAME;
}

bool sql_is_bare_alias(struct str word)
{
        return FIND(reserved, word) == 0;
}

unsigned sql_function_flags(struct str name)
{
        return FIND(functions, name);
}

bool sql_is_type(struct str word)
{
        return FIND(types, word) != 0;
}

bool sql_is_date_part(struct str word)
{
        return FIND(date_parts, word) != 0;
}

bool sql_is_odd_table(struct str name)
{
        static const struct str pragma = STR_INIT("pragma_");
        struct lowered key;

        /* SQLite: each pragma that answers is a table too; these two read files. */
        if (lower(&key, str_of(name.ptr, name.len < pragma.len ? name.len : pragma.len)) && str_eq(key.text, pragma))
                return true;
        return lower(&key, name) && (str_eq(key.text, STR("fsdir")) || str_eq(key.text, STR("zipfile")));
}

static bool is_sorted(const struct word *table, size_t count)
{
        for (size_t i = 0; i < count; ++i) {
                if (table[i].text[WORD_BYTES_MAX] || (i && strcmp(table[i - 1].text, table[i].text) >= 0))
                        return false;
        }
        return true;
}

bool sql_words_are_sorted(void)
{
        return is_sorted(reserved, COUNT(reserved)) && is_sorted(functions, COUNT(functions)) &&
               is_sorted(types, COUNT(types)) && is_sorted(date_parts, COUNT(date_parts));
}
