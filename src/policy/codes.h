/* SPDX-License-Identifier: Apache-2.0
 *
 * Every code that a diagnostic about a policy can carry. A code keeps its meaning for good; each is told
 * with an example in docs/policy-diagnostics.md (a test holds list and page together).
 */
#pragma once

#include <stddef.h>

/* The file */
#define P_TOO_LARGE "P001"
#define P_EMPTY "P002"
#define P_NOT_UTF8 "P003"
#define P_FORBIDDEN_CHARACTER "P004"
#define P_YAML_SYNTAX "P005"
#define P_SECOND_DOCUMENT "P006"
#define P_DIRECTIVE "P007"
#define P_ANCHOR "P008"
#define P_ALIAS "P009"
#define P_TAG "P010"
#define P_MERGE_KEY "P011"
#define P_KEY_NOT_TEXT "P012"
#define P_DUPLICATE_KEY "P013"
#define P_TOO_DEEP "P014"
#define P_TOO_MANY_NODES "P015"
#define P_TOO_MANY_KEYS "P016"
#define P_FILE_MISSING "P020"
#define P_FILE_KIND "P021"
#define P_FILE_OWNER "P022"
#define P_FILE_WRITABLE "P023"
#define P_DIRECTORY_WRITABLE "P024"
#define P_FILE_UNREADABLE "P025"
#define P_LAYER_NAME "P026"
/* Keys and values */
#define P_UNKNOWN_KEY "P101"
#define P_MISSING_KEY "P102"
#define P_WRONG_KIND "P103"
#define P_NOT_ENFORCED "P104"
#define P_UNKNOWN_WORD "P105"
#define P_EMPTY_VALUE "P106"
#define P_WRONG_VERSION "P108"
#define P_BAD_DATE "P109"
#define P_BAD_TIME "P110"
#define P_TOO_LONG "P111"
#define P_BAD_NAME "P112"
#define P_TOO_MANY_POLICIES "P113"
/* Rules and patterns */
#define P_BAD_PATTERN "P201"
#define P_NEVER_MATCHES "P202"
#define P_DUPLICATE_RULE_ID "P203"
#define P_BAD_URI_PATTERN "P204"
#define P_OPEN_HOST "P205"
#define P_BAD_ROOT "P206"
#define P_SAME_IN_BOTH "P207"
#define P_AMBIGUOUS_VALUE "P208"
#define P_BAD_CONDITION "P209"
#define P_BAD_REGEX "P210"
#define P_TOO_MANY_REGEXES "P211"
#define P_KEY_WITHOUT_MEANING "P212"
#define P_OPEN_RULE "P213"
#define P_BAD_NARROWING "P214"
#define P_UNKNOWN_LANE "P215"
#define P_BAD_SENTENCE "P216"
/* --bind and --agent */
#define P_BIND_UNDECLARED "P301"
#define P_BIND_UNBOUND "P302"
#define P_BIND_UNKNOWN "P303"
#define P_BIND_VALUE "P304"
#define P_BIND_SYNTAX "P305"
#define P_BIND_TWICE "P306"
#define P_BIND_UNUSED "P307"
#define P_AGENT "P310"
/* Starting the server */
#define P_ENV_NAME "P401"
#define P_ENV_LOADER "P402"
#define P_ENV_LOADS_CODE "P403"
#define P_ENV_SECRET "P404"
#define P_ENV_TWICE "P405"
#define P_PATH_NOT_ABSOLUTE "P406"
#define P_BAD_SOURCE "P407"
#define P_PLACEHOLDER "P408"
#define P_PLACEHOLDER_IN_COMMAND "P409"
#define P_COMMAND_CONFLICT "P410"
#define P_ENV_CONFLICT "P411"
#define P_LANE_CONFLICT "P415"
#define P_TOO_MANY_LANES "P416"
#define P_SOURCE_PASSED_ON "P417"
#define P_SOURCE_AS_TEXT "P418" /* a warning */
/* Pins */
#define P_PINS "P420"
/* Approvers */
#define P_APPROVERS "P430"
/* What may not be meant */
#define P_SHADOWED "P501"
#define P_OPENS_ALL "P502"
#define P_NOT_PINNED "P503"
#define P_DESTRUCTIVE "P504"
#define P_UNANCHORED "P505"
#define P_SLOW_REGEX "P506"
#define P_ENDS_SOON "P507"
#define P_MARK_UNUSED "P508"
#define P_LANE_UNUSED "P509"
#define P_NO_TESTS "P510"
#define P_NO_SUCH_COMMAND "P511"
#define P_DENIES_READS "P512"
#define P_TOO_FEW_PEOPLE "P513"
#define P_ELICITS "P514"
/* Limits and flow */
#define P_BAD_COUNT "P601"
#define P_BAD_SIZE "P602"
#define P_BAD_AMOUNT "P603"
#define P_BAD_ARGUMENT_PATH "P604"
#define P_TOO_MANY_LIMITS "P605"
#define P_SAME_LIMIT "P606"
#define P_UNKNOWN_MARK "P610"
#define P_TOO_MANY_MARKS "P611"
/* Tests */
#define P_BAD_TEST "P701"

struct policy_code {
        const char *code;
        const char *title;
};

/* All of them, in order. */
extern const struct policy_code policy_codes[];
extern const size_t policy_code_count;
