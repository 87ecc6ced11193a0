/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_test.h - a command with one option of each kind. */
#ifndef IMS_CLI_TEST_H
#define IMS_CLI_TEST_H

#include "cli_opt.h"

#include "test.h"

struct conf {
	bool fast;
	char file[256], mnc[4], words[12], hosts[40];
	uint32_t expires;
	uint16_t port;
	struct ims_addr pcscf;
	unsigned family;
};

static const char *const families[] = {"six", "four", NULL};

#define AT(m) offsetof(struct conf, m), sizeof((struct conf *)0)->m
static const struct ims_opt opts[] = {
	{"config", 'c', IMS_OPT_TEXT, AT(file), NULL, "FILE", "file"},
	{"fast", 'f', IMS_OPT_FLAG, AT(fast), NULL, NULL, "a flag"},
	{"mnc", 0, IMS_OPT_TEXT, AT(mnc), NULL, "MNC", "text"},
	{"expires", 'e', IMS_OPT_U32, AT(expires), NULL, "N", "a number"},
	{"port", 0, IMS_OPT_U16, AT(port), NULL, "N", "a small number"},
	{"pcscf", 0, IMS_OPT_ADDR, AT(pcscf), NULL, "ADDR", "an address"},
	{"family", 0, IMS_OPT_WORD, AT(family), families, NULL, "a word"},
	{"hosts", 0, IMS_OPT_ADDRS, AT(hosts), NULL, "ADDR", "addresses"},
	{"words", 0, IMS_OPT_LIST, AT(words), NULL, "WORD", "more than one"},
};

static const struct ims_opt_table table = {
	.command = "ue",
	.usage = "[OPTION...]",
	.about = "For tests.",
	.opt = opts,
	.n_opts = N_OF(opts),
	.file_option = "config",
};

#endif
