/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_nature.h"

enum word_kind {
        WORD_READS,
        WORD_WRITES,
        WORD_WRITES_FIRST, /* a thing rather than a deed when a reading word stands before it: get_commit */
        WORD_DESTROYS,
        WORD_DESTROYS_FIRST,
};

/* Words that mean one thing in the names of tools. `query`, `fetch`, `call` and the like do not. */
static const struct {
        enum word_kind kind;
        struct str word;
} words[] = {
        { WORD_READS, STR_INIT("get") },
        { WORD_READS, STR_INIT("list") },
        { WORD_READS, STR_INIT("search") },
        { WORD_READS, STR_INIT("read") },
        { WORD_READS, STR_INIT("find") },
        { WORD_READS, STR_INIT("show") },
        { WORD_READS, STR_INIT("describe") },
        { WORD_READS, STR_INIT("view") },
        { WORD_READS, STR_INIT("lookup") },
        { WORD_READS, STR_INIT("count") },
        { WORD_READS, STR_INIT("retrieve") },
        { WORD_READS, STR_INIT("inspect") },
        { WORD_WRITES, STR_INIT("create") },
        { WORD_WRITES, STR_INIT("add") },
        { WORD_WRITES, STR_INIT("update") },
        { WORD_WRITES, STR_INIT("write") },
        { WORD_WRITES, STR_INIT("edit") },
        { WORD_WRITES, STR_INIT("set") },
        { WORD_WRITES, STR_INIT("put") },
        { WORD_WRITES, STR_INIT("insert") },
        { WORD_WRITES, STR_INIT("upsert") },
        { WORD_WRITES, STR_INIT("append") },
        { WORD_WRITES, STR_INIT("modify") },
        { WORD_WRITES, STR_INIT("change") },
        { WORD_WRITES, STR_INIT("rename") },
        { WORD_WRITES, STR_INIT("move") },
        { WORD_WRITES, STR_INIT("save") },
        { WORD_WRITES, STR_INIT("store") },
        { WORD_WRITES, STR_INIT("send") },
        { WORD_WRITES, STR_INIT("submit") },
        { WORD_WRITES, STR_INIT("upload") },
        { WORD_WRITES, STR_INIT("assign") },
        { WORD_WRITES, STR_INIT("invite") },
        { WORD_WRITES, STR_INIT("enable") },
        { WORD_WRITES, STR_INIT("disable") },
        { WORD_WRITES, STR_INIT("grant") },
        { WORD_WRITES, STR_INIT("approve") },
        { WORD_WRITES, STR_INIT("pay") },
        { WORD_WRITES_FIRST, STR_INIT("patch") },
        { WORD_WRITES_FIRST, STR_INIT("post") },
        { WORD_WRITES_FIRST, STR_INIT("reply") },
        { WORD_WRITES_FIRST, STR_INIT("comment") },
        { WORD_WRITES_FIRST, STR_INIT("publish") },
        { WORD_WRITES_FIRST, STR_INIT("commit") },
        { WORD_WRITES_FIRST, STR_INIT("push") },
        { WORD_WRITES_FIRST, STR_INIT("fork") },
        { WORD_WRITES_FIRST, STR_INIT("merge") },
        { WORD_WRITES_FIRST, STR_INIT("release") },
        { WORD_WRITES_FIRST, STR_INIT("copy") },
        { WORD_WRITES_FIRST, STR_INIT("import") },
        { WORD_WRITES_FIRST, STR_INIT("start") },
        { WORD_WRITES_FIRST, STR_INIT("stop") },
        { WORD_WRITES_FIRST, STR_INIT("toggle") },
        { WORD_WRITES_FIRST, STR_INIT("charge") },
        { WORD_WRITES_FIRST, STR_INIT("refund") },
        { WORD_WRITES_FIRST, STR_INIT("transfer") },
        { WORD_WRITES_FIRST, STR_INIT("deploy") },
        { WORD_DESTROYS, STR_INIT("delete") },
        { WORD_DESTROYS, STR_INIT("remove") },
        { WORD_DESTROYS, STR_INIT("drop") },
        { WORD_DESTROYS, STR_INIT("destroy") },
        { WORD_DESTROYS, STR_INIT("purge") },
        { WORD_DESTROYS, STR_INIT("wipe") },
        { WORD_DESTROYS, STR_INIT("erase") },
        { WORD_DESTROYS, STR_INIT("truncate") },
        { WORD_DESTROYS, STR_INIT("overwrite") },
        { WORD_DESTROYS, STR_INIT("kill") },
        { WORD_DESTROYS, STR_INIT("terminate") },
        { WORD_DESTROYS, STR_INIT("uninstall") },
        { WORD_DESTROYS, STR_INIT("revoke") },
        { WORD_DESTROYS, STR_INIT("execute") },
        { WORD_DESTROYS, STR_INIT("exec") },
        { WORD_DESTROYS, STR_INIT("evaluate") },
        { WORD_DESTROYS, STR_INIT("eval") },
        { WORD_DESTROYS_FIRST, STR_INIT("run") },
        { WORD_DESTROYS_FIRST, STR_INIT("reset") },
        { WORD_DESTROYS_FIRST, STR_INIT("clear") },
        { WORD_DESTROYS_FIRST, STR_INIT("cancel") },
        { WORD_DESTROYS_FIRST, STR_INIT("install") },
        { WORD_DESTROYS_FIRST, STR_INIT("shell") },
        { WORD_DESTROYS_FIRST, STR_INIT("bash") },
};

/* Longer than any word of the table. */
#define WORD_BYTES 16U

struct deeds {
        bool reads, writes, destroys;
};

static void note_word(struct deeds *deeds, struct str word)
{
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                const enum word_kind kind = words[i].kind;

                if (!str_eq(words[i].word, word))
                        continue;
                deeds->destroys |= kind == WORD_DESTROYS || (kind == WORD_DESTROYS_FIRST && !deeds->reads);
                deeds->writes |= kind == WORD_WRITES || (kind == WORD_WRITES_FIRST && !deeds->reads);
                deeds->reads |= kind == WORD_READS;
                return;
        }
}

static bool is_upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
        return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* Words end where letters do, and in front of a capital that follows a small letter. */
static struct deeds deeds_of(struct str name)
{
        struct deeds deeds = { 0 };
        char word[WORD_BYTES];
        size_t length = 0;

        for (size_t i = 0; i <= name.len; i++) {
                const char c = i < name.len ? name.ptr[i] : ' ';

                if (length > 0 && (!is_letter(c) || (is_upper(c) && !is_upper(name.ptr[i - 1])))) {
                        if (length <= WORD_BYTES)
                                note_word(&deeds, str_of(word, length));
                        length = 0;
                }
                if (!is_letter(c))
                        continue;
                if (length < WORD_BYTES)
                        word[length] = is_upper(c) ? (char)(c - 'A' + 'a') : c;
                length++;
        }
        return deeds;
}

enum hint { HINT_ABSENT, HINT_FALSE, HINT_TRUE, HINT_ODD };

static enum hint hint_of(const struct json_doc *doc, uint32_t tool, struct str name)
{
        const uint32_t annotations = json_member(doc, tool, STR("annotations"));
        uint32_t hint;

        if (!annotations || json_type_of(doc, annotations) == JSON_NULL)
                return HINT_ABSENT;
        if (json_type_of(doc, annotations) != JSON_OBJECT)
                return HINT_ODD;
        hint = json_member(doc, annotations, name);
        if (!hint || json_type_of(doc, hint) == JSON_NULL)
                return HINT_ABSENT;
        if (json_type_of(doc, hint) == JSON_TRUE)
                return HINT_TRUE;
        return json_type_of(doc, hint) == JSON_FALSE ? HINT_FALSE : HINT_ODD;
}

static enum tool_nature because(enum tool_nature nature, const char *reason, const char **ret_reason)
{
        *ret_reason = reason;
        return nature;
}

static enum tool_nature of_reader(enum hint destroys, const struct deeds *deeds, const char **ret_reason)
{
        if (destroys == HINT_TRUE)
                return because(TOOL_UNCLEAR, "says both that it only reads and that it destroys", ret_reason);
        if (deeds->destroys)
                return because(TOOL_UNCLEAR, "says that it only reads, and by its name it destroys or runs something", ret_reason);
        if (deeds->writes)
                return because(TOOL_WRITES, "says that it only reads, and by its name it writes", ret_reason);
        return because(TOOL_READS, "says that it only reads", ret_reason);
}

/* Without an annotation, or with one that does not contradict. */
static enum tool_nature by_name(const struct deeds *deeds, const char **ret_reason)
{
        if (deeds->writes)
                return because(TOOL_WRITES, "writes, by its name", ret_reason);
        if (deeds->reads)
                return because(TOOL_READS, "reads, by its name; its annotations do not say", ret_reason);
        return because(TOOL_UNCLEAR, "does not say what it does, nor does its name", ret_reason);
}

enum tool_nature tool_nature_of(const struct json_doc *doc, uint32_t tool, struct str name, const char **ret_reason)
{
        const enum hint reads = hint_of(doc, tool, STR("readOnlyHint"));
        const enum hint destroys = hint_of(doc, tool, STR("destructiveHint"));
        const struct deeds deeds = deeds_of(name);

        if (reads == HINT_ODD || destroys == HINT_ODD)
                return because(TOOL_UNCLEAR, "has annotations that are neither true nor false", ret_reason);
        if (reads == HINT_TRUE)
                return of_reader(destroys, &deeds, ret_reason);
        if (destroys == HINT_TRUE)
                return because(TOOL_DESTROYS, "says that it may destroy", ret_reason);
        if (deeds.destroys)
                return because(TOOL_DESTROYS, "destroys something or runs something, by its name", ret_reason);
        if (reads == HINT_ABSENT)
                return by_name(&deeds, ret_reason);
        if (destroys == HINT_FALSE)
                return because(TOOL_WRITES, "says that it writes and does not destroy", ret_reason);
        /* What does not say that it does not destroy may: so the protocol has it. */
        if (deeds.writes)
                return because(TOOL_WRITES, "writes, by its name and its annotations", ret_reason);
        return because(TOOL_UNCLEAR, "does not only read, and does not say whether it destroys", ret_reason);
}
