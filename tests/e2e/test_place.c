/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes of the program's sources one whose administrator is the user who runs the tests, and whose directory of layers is the
 * case's own. The program that is installed has no such variable.
 */
#include <stdlib.h>
#include <unistd.h>

#include "system_layers.h"

const struct system_place *system_place(void)
{
        static struct system_place place;
        const char *path = getenv("LEASTWISE_TEST_LAYERS"), *stops = getenv("LEASTWISE_TEST_STOPS");

        place.path = path ? path : "/nonexistent/policy.d";
        place.stops = stops ? stops : "/nonexistent/stops";
        place.owner = geteuid();
        return &place;
}
