/* SPDX-License-Identifier: Apache-2.0 */
#include "suggest.h"

#define WORD_MAX 64U

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

unsigned suggest_distance(struct str a, struct str b, unsigned most)
{
        unsigned rows[3][WORD_MAX + 1];

        if (a.len > WORD_MAX || b.len > WORD_MAX)
                return most + 1;
        for (unsigned j = 0; j <= b.len; ++j)
                rows[0][j] = j;
        for (unsigned i = 1; i <= a.len; ++i) {
                unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

                row[0] = i;
                for (unsigned j = 1; j <= b.len; ++j) {
                        bool same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);

                        row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                                lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]))
                                row[j] = least(row[j], two_above[j - 2] + 1);
                }
        }
        return rows[a.len % 3][b.len];
}

/* A third of the letters may be wrong: "alow" is close to "allow", "x" to nothing. */
void suggest_begin(struct suggestion *s, struct str word)
{
        *s = (struct suggestion){ .distance = (unsigned)(word.len > WORD_MAX ? 0 : (word.len + 2) / 3) + 1 };
}

void suggest_offer(struct suggestion *s, struct str word, struct str candidate)
{
        unsigned d = suggest_distance(word, candidate, s->distance);

        if (d < s->distance && d < candidate.len)
                *s = (struct suggestion){ candidate, d };
}
