/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person who is asked about a call learns of the session: which server, and who started us.
 */
#include <errno.h>
#include <unistd.h>

#include "alloc.h"
#include "printable.h"
#include "proxy_state.h"

#define SERVER_SHOWN 300U

/* People paste secrets into command lines; half of one, when it is cut, is too much as well. */
static int append_word(const struct proxy *p, struct buf *out, struct str word)
{
        AUTO_BUF struct buf clean = BUF_INIT(8U * LIMIT_STDERR_LINE);

        if (redactor_finds(p->redactor, word))
                word = redactor_apply(p->redactor, word, &clean) < 0 ? STR("(left out)") : buf_str(&clean);
        return printable_append(out, word, SERVER_SHOWN);
}

int proxy_asking_open(struct proxy *p)
{
        struct asking_facts *a = &p->asking;
        size_t argc = 0;

        while (p->config->command[argc])
                argc++;
        a->parent = getppid();
        buf_init(&a->server, LIMIT_STDERR_LINE);
        a->argv = mem_calloc(argc + 1, sizeof(*a->argv));
        if (!a->argv)
                return -ENOMEM;
        for (size_t i = 0; i < argc; i++) {
                a->argv[i] = str_from(p->config->command[i]);
                if (i)
                        buf_append_char(&a->server, ' ');
                (void)append_word(p, &a->server, a->argv[i]);
        }
        a->asking = (struct session_asking){
                .session = str_from(p->recorder.session),
                .argv = a->argv,
                .argc = argc,
                .server = buf_str(&a->server),
                .client_pid = peer_process_asker(a->parent),
                .agent = str_from(p->config->agent),
        };
        return a->server.failed ? -ENOMEM : 0;
}

void proxy_asking_close(struct proxy *p)
{
        mem_free(p->asking.argv);
        p->asking.argv = NULL;
        buf_deinit(&p->asking.server);
}
