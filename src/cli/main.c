/* SPDX-License-Identifier: Apache-2.0 */
#include "invoker.h"
#include "verb.h"

int main(int argc, char **argv)
{
        const int status = invoker_settle();

        return status != 0 ? status : verbs_main(argc, argv);
}
