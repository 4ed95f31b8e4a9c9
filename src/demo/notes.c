/* SPDX-License-Identifier: Apache-2.0 */
#include "notes.h"

#include <errno.h>

#include "alloc.h"

#define PUBLIC_PREFIX "note://public/"
#define PRIVATE_PREFIX "note://private/"

static const struct {
        struct str name, text;
        bool is_private;
} first_notes[] = {
        { STR_INIT("welcome"), STR_INIT("This notebook lives in memory. Nothing you do to it outlasts the server."),
                false },
        { STR_INIT("roadmap"), STR_INIT("1. Write things down. 2. Find them again."), false },
        { STR_INIT("salaries"), STR_INIT("Nobody who summarises the roadmap needs to see this note."), true },
};

int notebook_init(struct notebook *book, const char *token)
{
        struct buf careless = BUF_INIT((1U << 20));
        int r = 0;

        *book = (struct notebook){ 0 };
        for (size_t i = 0; r == 0 && i < sizeof(first_notes) / sizeof(first_notes[0]); i++)
                r = notebook_add(book, first_notes[i].name, first_notes[i].text, first_notes[i].is_private);

        /* Real servers do put their credentials into what they say; a proxy that hides them has something to show. */
        buf_printf(&careless, "Set up with the token %s. (Whoever wrote this note should not have.)",
                token ? token : "(none)");
        if (r == 0)
                r = careless.failed ? -ENOMEM : notebook_add(book, STR("setup"), buf_str(&careless), true);
        buf_wipe(&careless);
        if (r < 0)
                notebook_deinit(book);
        return r;
}

static void note_clear(struct note *note)
{
        mem_free(note->name);
        mem_free(note->text);
        *note = (struct note){ 0 };
}

void notebook_deinit(struct notebook *book)
{
        for (size_t i = 0; i < book->count; i++)
                note_clear(&book->notes[i]);
        book->count = 0;
}

const struct note *notebook_find(const struct notebook *book, struct str name)
{
        for (size_t i = 0; i < book->count; i++)
                if (str_eq(str_from(book->notes[i].name), name))
                        return &book->notes[i];
        return NULL;
}

const struct note *notebook_find_uri(const struct notebook *book, struct str uri)
{
        bool is_private = str_starts_with(uri, STR(PRIVATE_PREFIX));
        struct str prefix = is_private ? STR(PRIVATE_PREFIX) : STR(PUBLIC_PREFIX);
        const struct note *note;

        if (!str_starts_with(uri, prefix))
                return NULL;
        note = notebook_find(book, str_skip(uri, prefix.len));
        return note && note->is_private == is_private ? note : NULL;
}

int notebook_add(struct notebook *book, struct str name, struct str text, bool is_private)
{
        struct note note = { .is_private = is_private };

        if (memchr(name.ptr, '\0', name.len) || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
                return -EINVAL;
        if (notebook_find(book, name))
                return -EEXIST;
        if (book->count == NOTES_MAX)
                return -ENOSPC;
        note.name = str_dup(name);
        note.text = str_dup(text);
        if (!note.name || !note.text) {
                note_clear(&note);
                return -ENOMEM;
        }
        book->notes[book->count++] = note;
        return 0;
}

bool notebook_remove(struct notebook *book, struct str name)
{
        const struct note *found = notebook_find(book, name);
        size_t index;

        if (!found)
                return false;
        index = (size_t)(found - book->notes);
        note_clear(&book->notes[index]);
        book->count--;
        memmove(&book->notes[index], &book->notes[index + 1], (book->count - index) * sizeof(book->notes[0]));
        return true;
}

int note_uri(struct buf *out, const struct note *note)
{
        return buf_printf(out, "%s%s", note->is_private ? PRIVATE_PREFIX : PUBLIC_PREFIX, note->name);
}
