/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cleanup.h"

/* Providers keep what they read on the heap. */
#define STACK_BYTES (512U << 10)

/* What a process that was killed and a key that is being derived may take. */
#define ABANDON_NS 1500000000U

struct fetch {
        uv_async_t ended;
        pthread_t thread;
        uv_mutex_t mutex; /* of the next two */
        uv_cond_t changed;
        bool over, abandoned;
        struct fetch_owner owner; /* done is NULL once nobody waits */
        struct policy_set *policy;
        struct policy_launch launch;
        struct launch_fetching how;
        /* The thread's until it is over. */
        struct launch_secrets secrets;
        struct buf message;
        int status;
};

static void release(struct fetch *f)
{
        launch_secrets_wipe(&f->secrets);
        buf_deinit(&f->message);
        fd_closep(&f->how.cancel_fd);
        fd_closep(&f->how.watcher_fd);
        f->policy = policy_set_unref(f->policy);
        uv_cond_destroy(&f->changed);
        uv_mutex_destroy(&f->mutex);
        mem_free(f);
}

static void *run(void *userdata)
{
        struct fetch *f = userdata;

        f->status = launch_fetch(&f->secrets, &f->launch, &f->how, &f->message);
        uv_mutex_lock(&f->mutex);
        f->over = true;
        uv_cond_signal(&f->changed);
        if (!f->abandoned)
                uv_async_send(&f->ended);
        uv_mutex_unlock(&f->mutex);
        return NULL;
}

static void on_closed(uv_handle_t *handle)
{
        release(handle->data);
}

static void on_ended(uv_async_t *async)
{
        struct fetch *f = async->data;

        pthread_join(f->thread, NULL);
        if (f->owner.done) {
                if (f->status != 0 && f->message.len == 0)
                        buf_printf(&f->message, "out of memory");
                f->owner.done(f->owner.userdata, f->status,
                        &(struct fetched){ f->policy, &f->launch, &f->secrets, buf_str(&f->message) });
        }
        launch_secrets_wipe(&f->secrets);
        uv_close((uv_handle_t *)&f->ended, on_closed);
}

/* Signals are the loop's. */
static int start_thread(struct fetch *f)
{
        pthread_attr_t attributes;
        sigset_t all, mask;
        int r = pthread_attr_init(&attributes);

        if (r != 0)
                return -r;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &mask);
        r = pthread_attr_setstacksize(&attributes, STACK_BYTES);
        if (r == 0)
                r = pthread_create(&f->thread, &attributes, run, f);
        pthread_sigmask(SIG_SETMASK, &mask, NULL);
        pthread_attr_destroy(&attributes);
        return -r;
}

int fetch_start(struct fetch **ret, uv_loop_t *loop, struct policy_set *policy, const struct policy_launch *launch, int watcher_fd,
        const struct fetch_owner *owner)
{
        struct fetch *f = mem_calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->owner = *owner;
        f->policy = policy_set_ref(policy);
        f->launch = *launch;
        /* Its own: it may outlive the guardian. */
        f->how = (struct launch_fetching){ fcntl(watcher_fd, F_DUPFD_CLOEXEC, 3), eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
        buf_init(&f->message, LIMIT_STDERR_LINE);
        uv_mutex_init(&f->mutex);
        uv_cond_init(&f->changed);
        r = f->how.cancel_fd < 0 || f->how.watcher_fd < 0 ? -errno : uv_async_init(loop, &f->ended, on_ended);
        if (r < 0) {
                release(f);
                return r;
        }
        f->ended.data = f;
        r = start_thread(f);
        if (r < 0) {
                uv_close((uv_handle_t *)&f->ended, on_closed);
                return r;
        }
        *ret = f;
        return 0;
}

void fetch_cancel(struct fetch *f)
{
        if (f)
                (void)eventfd_write(f->how.cancel_fd, 1);
}

struct fetch *fetch_abandon(struct fetch *f)
{
        const uint64_t until = uv_hrtime() + ABANDON_NS;

        if (!f)
                return NULL;
        f->owner.done = NULL;
        fetch_cancel(f);
        uv_mutex_lock(&f->mutex);
        for (uint64_t now = uv_hrtime(); !f->over && now < until; now = uv_hrtime())
                (void)uv_cond_timedwait(&f->changed, &f->mutex, until - now);
        f->abandoned = !f->over;
        uv_mutex_unlock(&f->mutex);
        if (f->abandoned) {
                pthread_detach(f->thread);
                uv_close((uv_handle_t *)&f->ended, NULL);
        }
        return NULL;
}
