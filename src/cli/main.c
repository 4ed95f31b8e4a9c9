/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

int main(int argc, char **argv)
{
        return verbs_main(argc, argv);
}
