/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Prints the cards of all sessions, each as a whole, to stdout, and to stderr why that is all (@why). Returns the exit
 * status. */
int watch_list(const char *why);
