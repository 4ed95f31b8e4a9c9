/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients start is not a person. A program that asks a person something looks whether it was started, however far
 * back, by the client of a proxy that runs on this machine. A process that means to can get around this, as
 * peer_process.h says.
 */
#pragma once

/* NULL when this process was not, as far as can be told; else a sentence that says so, and what to do. */
const char *client_kin_refusal(void);
