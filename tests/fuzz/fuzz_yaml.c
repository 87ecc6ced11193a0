/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_yaml.c - a configuration file: it is read or refused, a refusal has a
 * printable text, and texts of the command stay terminated.
 */
#include <stdlib.h>
#include <string.h>

#include "cli_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct conf {
	bool fast;
	char mnc[4], key[80];
	uint32_t expires;
	uint16_t port;
	struct ims_addr pcscf;
	unsigned family;
};

static const char *const families[] = {"six", "four", NULL};

#define AT(m) offsetof(struct conf, m), sizeof((struct conf *)0)->m
static const struct ims_opt opts[] = {
	{"fast", 'f', IMS_OPT_FLAG, AT(fast), NULL, NULL, "a flag"},
	{"mnc", 0, IMS_OPT_TEXT, AT(mnc), NULL, "MNC", "text"},
	{"key", 0, IMS_OPT_TEXT, AT(key), NULL, "HEX", "text"},
	{"expires", 0, IMS_OPT_U32, AT(expires), NULL, "N", "a number"},
	{"port", 0, IMS_OPT_U16, AT(port), NULL, "N", "a small number"},
	{"pcscf", 0, IMS_OPT_ADDR, AT(pcscf), NULL, "ADDR", "an address"},
	{"family", 0, IMS_OPT_WORD, AT(family), families, NULL, "a word"},
};
static const struct ims_opt_table table = {
	.command = "ue",
	.usage = "",
	.about = "",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_flaw why = {0};
	struct conf c = {0};
	int err =
		ims_cli_yaml_text(&table, "f", ims_str_n(data, size), &c, &why);

	if (!memchr(c.mnc, 0, sizeof c.mnc) || !memchr(c.key, 0, sizeof c.key))
		abort();
	if (c.family > 1 || (err && (err != why.err || !*why.text)))
		abort();
	for (const char *p = why.text; *p; p++)
		if (*p < ' ' || *p > '~')
			abort();
	return 0;
}
