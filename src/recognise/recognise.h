/* SPDX-License-Identifier: Apache-2.0
 *
 * Recognisers of what stands in an argument's text: a path, a URL, mail addresses, a command, an SQL statement. Each is
 * strict: text that two programs could understand differently, or that its reader does not know in full, is unreadable,
 * and what is unreadable is denied. That a text is refused although it was harmless is a nuisance; that it holds
 * although some server reads it otherwise is a hole.
 *
 * All are pure and allocate nothing. Their rules are made of borrowed parts and outlive no caller's memory.
 */
#pragma once

/* Memory of zeros denies. Only `== RECOGNISED_HOLDS` may open anything. */
enum recognised {
        RECOGNISED_UNREADABLE,  /* not understood without doubt: false in an allow rule, true in a deny rule */
        RECOGNISED_DOES_NOT,    /* understood, and not what the rule asks for */
        RECOGNISED_HOLDS,
};

/* "unreadable", "does-not", "holds". */
const char *recognised_name(enum recognised r);
