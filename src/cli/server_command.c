/* SPDX-License-Identifier: Apache-2.0 */
#include "server_command.h"


#include "alloc.h"
#include "stderr_print.h"
#include "verb.h"

static int no_memory(void)
{
        stderr_print("leastwise: out of memory\n");
        return EXIT_INTERNAL;
}

static int from_policy(struct server_command *ret, const struct policy_launch *launch)
{
        ret->copies = mem_calloc(launch->command_count + 1, sizeof(*ret->copies));
        if (!ret->copies)
                return no_memory();
        for (size_t i = 0; i < launch->command_count; i++) {
                ret->copies[i] = str_dup(launch->command[i]);
                if (!ret->copies[i])
                        return no_memory();
                ret->argv[i] = ret->copies[i];
        }
        return 0;
}

int server_command_get(struct server_command *ret, const char *verb, const struct options *options,
        const struct policy_set *policy)
{
        struct policy_launch launch;
        size_t count;

        *ret = (struct server_command){ 0 };
        policy_set_launch(policy, &launch);
        count = options->operand_count ? options->operand_count : launch.command_count;
        if (count == 0)
                return usage_error(verb, "no server: put its command behind --, or into the policy's server.command");
        ret->argv = mem_calloc(count + 1, sizeof(*ret->argv));
        if (!ret->argv)
                return no_memory();
        if (options->operand_count == 0)
                return from_policy(ret, &launch);
        for (size_t i = 0; i < count; i++)
                ret->argv[i] = options->operands[i];
        return 0;
}

void server_command_deinit(struct server_command *command)
{
        for (size_t i = 0; command->copies && command->copies[i]; i++)
                mem_free(command->copies[i]);
        mem_free(command->copies);
        mem_free(command->argv);
        *command = (struct server_command){ 0 };
}
