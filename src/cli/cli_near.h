/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_near.h - "did you mean ...?" */
#ifndef IMS_CLI_NEAR_H
#define IMS_CLI_NEAR_H

#include <stddef.h>

/* The name nearest to a mistyped word: at most a third of its letters (one at
 * least) wrong, missing, too many or swapped, or the word is its beginning.
 * NULL if none is that near; of equals the first.
 */
const char *ims_cli_near(const char *word, const char *const *names, size_t n);

#endif
