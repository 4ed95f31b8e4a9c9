/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a process could not be started, for a person.
 */
#pragma once

/* @error: a positive errno. Points to static text, or to strerror()'s. */
const char *start_error(int error);
