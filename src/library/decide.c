/* SPDX-License-Identifier: Apache-2.0 */
#include "decision.h"

int leastwise_policy_decide(const struct leastwise_policy *policy, const struct leastwise_request *request,
        struct leastwise_decision **ret)
{
        CLEANUP(asking_deinit) struct asking a;
        int r = asking_begin(&a, policy, request);

        if (r < 0)
                return r;
        if (!ret)
                return -LEASTWISE_ERROR_ARGUMENT;
        r = asking_settle(&a);
        return r < 0 ? r : decision_new(ret, &a);
}

int leastwise_policy_could_allow(const struct leastwise_policy *policy, const struct leastwise_request *request)
{
        CLEANUP(asking_deinit) struct asking a;
        struct policy_decision d;

        if (asking_begin_list(&a, policy, request) < 0)
                return 0;
        return policy_set_could_allow(policy->set, a.request.subject, a.request.name, a.request.now_s, &d);
}

/* --- explaining --- */

struct teller {
        leastwise_step_fn tell;
        void *userdata;
        bool overruled; /* the schema decides, not the rules */
        bool no_memory;
};

struct step_texts {
        char *policy, *source, *rule, *because, *condition;
};

static void step_texts_deinit(struct step_texts *texts)
{
        mem_free(texts->policy);
        mem_free(texts->source);
        mem_free(texts->rule);
        mem_free(texts->because);
        mem_free(texts->condition);
}

static void tell_step(void *userdata, const struct policy_step *step)
{
        CLEANUP(step_texts_deinit) struct step_texts texts = { 0 };
        struct teller *teller = userdata;

        if (teller->no_memory || text_copy(&texts.policy, step->policy_name) < 0 || text_copy(&texts.source, step->file) < 0 ||
                text_copy(&texts.rule, step->rule_id) < 0 || text_copy(&texts.because, step->because) < 0 ||
                text_copy(&texts.condition, step->condition) < 0) {
                teller->no_memory = true;
                return;
        }
        teller->tell(&(struct leastwise_step){ .size = sizeof(struct leastwise_step),
                             .policy = texts.policy,
                             .source = texts.source,
                             .rule = texts.rule,
                             .verdict = public_verdict(step->verdict),
                             .reason = public_reason(step->reason),
                             .because = texts.because,
                             .line = step->line,
                             .column = step->column,
                             .condition = texts.condition,
                             .condition_line = step->condition_line,
                             .condition_column = step->condition_column,
                             .decides = step->decides && !teller->overruled },
                teller->userdata);
}

/* What the schema says in spite of the rules. */
static int tell_refusal(const struct teller *teller, const struct asking *a)
{
        AUTO_FREE char *policy = NULL;
        AUTO_FREE char *source = NULL;

        if (text_copy(&policy, a->decision.policy_name) < 0 || text_copy(&source, a->decision.file) < 0)
                return -LEASTWISE_ERROR_MEMORY;
        teller->tell(&(struct leastwise_step){ .size = sizeof(struct leastwise_step),
                             .policy = policy,
                             .source = source,
                             .verdict = LEASTWISE_DENY,
                             .reason = a->refused,
                             .because = a->refusal,
                             .decides = 1 },
                teller->userdata);
        return 0;
}

int leastwise_policy_explain(const struct leastwise_policy *policy, const struct leastwise_request *request,
        leastwise_step_fn tell, void *userdata, struct leastwise_decision **ret)
{
        CLEANUP(asking_deinit) struct asking a;
        struct teller teller = { .tell = tell, .userdata = userdata };
        struct policy_decision again;
        int r = asking_begin(&a, policy, request);

        if (r < 0)
                return r;
        if (!tell)
                return -LEASTWISE_ERROR_ARGUMENT;
        r = asking_settle(&a);
        if (r < 0)
                return r;
        teller.overruled = a.refused != 0;
        /* What was decided without any rule has no steps. */
        if (a.is_ruled)
                policy_set_explain(policy->set, &a.request, tell_step, &teller, &again);
        if (teller.no_memory)
                return -LEASTWISE_ERROR_MEMORY;
        r = a.refused ? tell_refusal(&teller, &a) : 0;
        if (r < 0)
                return r;
        return ret ? decision_new(ret, &a) : 0;
}
