/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_yaml.h - the section of a YAML file into a command's struct. */
#ifndef IMS_CLI_YAML_H
#define IMS_CLI_YAML_H

#include "cli_opt.h"

/* Reads the section t->command; other sections of the file are left alone, but
 * must be commands.  A key may stand there once, the file has one document of
 * at most 1 MiB.  Errors are printed as file:line:col.  Returns 0,
 * -IMS_E_CONFIG or -IMS_E_NOMEM; on failure *conf may be filled in part.
 */
int ims_cli_yaml(const struct ims_opt_table *t, const char *path, void *conf);
/* Same, from text in memory; name stands for the file in messages, and they go
 * to *why instead of being printed.
 */
int ims_cli_yaml_text(const struct ims_opt_table *t, const char *name,
		      struct ims_str text, void *conf, struct ims_flaw *why);

#endif
