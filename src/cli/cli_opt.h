/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_opt.h - one table per command is the truth: the command line, the
 * section of the same name in a YAML file, and the help are made from it.
 *
 *	imsreg ue --pcscf 192.0.2.1          ue:
 *	                                       pcscf: 192.0.2.1
 *
 * A value of the command line beats one of the file, which beats the default.
 * Scalars of a file stay text, so that `mnc: 01` keeps its zero.
 */
#ifndef IMS_CLI_OPT_H
#define IMS_CLI_OPT_H

#include "base_addr.h"
#include "base_err.h"

enum ims_opt_kind {
	IMS_OPT_FLAG,  /* bool; on the command line --name, or --name=no */
	IMS_OPT_TEXT,  /* char[size] */
	IMS_OPT_LIST,  /* char[size]; a further one comes after a comma */
	IMS_OPT_ADDRS, /* the same, and each is one as for ADDR */
	IMS_OPT_U32,   /* uint32_t, 0..max */
	IMS_OPT_U16,   /* uint16_t */
	IMS_OPT_ADDR,  /* struct ims_addr; port 5060 unless given */
	IMS_OPT_WORD,  /* unsigned: index into words[] */
};

struct ims_opt {
	const char *name; /* "pcscf": --pcscf and the key in the file */
	char letter;      /* 'w' for -w; 0: none */
	enum ims_opt_kind kind;
	size_t offset;            /* into the command's struct */
	size_t size;              /* TEXT: of the array */
	const char *const *words; /* WORD: ends with NULL */
	const char *arg;  /* what the help calls the value: "ADDR[:PORT]" */
	const char *help; /* one line */
};

struct ims_opt_table {
	const char *command; /* "ue" */
	const char *usage;   /* what follows "imsreg ue" in the help */
	const char *about;   /* what it is for: some lines */
	const struct ims_opt *opt;
	size_t n_opts;
	/* The option that names a configuration file (its TEXT), or NULL. */
	const char *file_option;
};

/* Fills *conf, which holds the defaults, from the file and the command line.
 * What is no option goes to rest[max_rest].  --help prints the help.
 * Returns how many are in rest; or a negative error that was already printed
 * (-IMS_E_USAGE, -IMS_E_CONFIG), or IMS_OPT_HELPED.
 */
#define IMS_OPT_HELPED INT32_MAX
int ims_cli_opt(const struct ims_opt_table *t, int argc, char **argv,
		void *conf, const char **rest, size_t max_rest);

void ims_cli_opt_help(const struct ims_opt_table *t);

/* One value from text; `where` is what the error names ("--pcscf" or
 * "core.yaml:3:9: pcscf").  -IMS_E_USAGE with *why.
 */
int ims_cli_opt_set(const struct ims_opt *o, const char *where,
		    struct ims_str value, void *conf, struct ims_flaw *why);
/* Does a further value go behind the ones that are there? */
bool ims_cli_opt_is_list(const struct ims_opt *o);
/* By name; NULL if there is none. */
const struct ims_opt *ims_cli_opt_find(const struct ims_opt_table *t,
				       struct ims_str name);
/* The option's name nearest to a wrong one, or NULL. */
const char *ims_cli_opt_near(const struct ims_opt_table *t,
			     struct ims_str name);

#endif
