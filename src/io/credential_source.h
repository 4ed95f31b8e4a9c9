/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy's credential as the layer that fetches it wants it told.
 */
#pragma once

#include "policy.h"
#include "secrets.h"

/* Borrows from @credential. @watcher_fd: as helper_start() has it. */
struct secret_source credential_source(const struct policy_credential *credential, int watcher_fd);
