/* SPDX-License-Identifier: Apache-2.0
 *
 * Every verb there is.
 */
#pragma once

#include "verb.h"

extern const struct verb verb_approve;
extern const struct verb verb_check;
extern const struct verb verb_deny;
extern const struct verb verb_diff;
extern const struct verb verb_explain;
extern const struct verb verb_fmt;
extern const struct verb verb_grant;
extern const struct verb verb_init;
extern const struct verb verb_lock;
extern const struct verb verb_pending;
extern const struct verb verb_pin;
extern const struct verb verb_resume;
extern const struct verb verb_run;
extern const struct verb verb_secret;
extern const struct verb verb_stop;
extern const struct verb verb_test;
extern const struct verb verb_tools;
extern const struct verb verb_trust;
extern const struct verb verb_unlock;
extern const struct verb verb_untrust;
extern const struct verb verb_watch;
