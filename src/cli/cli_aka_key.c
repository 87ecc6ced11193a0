/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka_key.c - K, OP and OPc from options or standard input. */
#include "cli_aka_priv.h"

#include "base_hex.h"
#include "base_mem.h"
#include "cli_err.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

size_t ims_cli_aka_bytes(const char *option, const char *text, uint8_t *out,
			 size_t n, size_t n2)
{
	uint8_t all[512];
	size_t digits = 0;
	int got = ims_hex_get(ims_str(text), all, sizeof all);

	if (got == (int)n || (n2 && got == (int)n2)) {
		memcpy(out, all, (size_t)got);
		ims_wipe(all, sizeof all);
		return (size_t)got;
	}
	ims_wipe(all, sizeof all);
	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	for (size_t i = 0; text[i]; i++) {
		if (isxdigit((unsigned char)text[i])) {
			digits++;
		} else if (!strchr(" \t:", text[i])) {
			ims_cli_fail("aka", IMS_E_USAGE,
				     "%s: character %zu is no hex digit",
				     option, i + 1);
			return 0;
		}
	}
	if (n2)
		ims_cli_fail("aka", IMS_E_USAGE,
			     "%s: %zu hex digits, %zu or %zu wanted", option,
			     digits, 2 * n, 2 * n2);
	else
		ims_cli_fail("aka", IMS_E_USAGE,
			     "%s: %zu hex digits, %zu wanted", option, digits,
			     2 * n);
	return 0;
}

/* "-" is the next line of standard input. */
static size_t secret(const char *option, const char *text, uint8_t *out,
		     size_t n, size_t n2)
{
	char line[256];
	size_t got;

	if (strcmp(text, "-") != 0)
		return ims_cli_aka_bytes(option, text, out, n, n2);
	if (!fgets(line, sizeof line, stdin)) {
		ims_cli_fail("aka", IMS_E_USAGE,
			     "%s: nothing more on standard input", option);
		return 0;
	}
	line[strcspn(line, "\r\n")] = 0;
	got = ims_cli_aka_bytes(option, line, out, n, n2);
	ims_wipe(line, sizeof line);
	return got;
}

/* The four ways to give the operator's constant. */
struct op_option {
	const char *name, *text;
	enum ims_aka_algo algo;
	bool derived; /* it is an OPc or TOPc already */
};

/* Which one is given; false if something is wrong with that. */
static bool which_op(const struct aka_conf *c, struct op_option *out)
{
	const struct op_option all[] = {
		{"--op", c->op, IMS_AKA_MILENAGE, false},
		{"--opc", c->opc, IMS_AKA_MILENAGE, true},
		{"--top", c->top, IMS_AKA_TUAK, false},
		{"--topc", c->topc, IMS_AKA_TUAK, true},
	};
	const char *algo = ims_aka_algo_name((enum ims_aka_algo)c->algo);

	*out = (struct op_option){0};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (!*all[i].text)
			continue;
		if (out->name)
			return ims_cli_fail("aka", IMS_E_USAGE,
					    "%s: not together with %s",
					    all[i].name, out->name) == 0;
		if (all[i].algo != (enum ims_aka_algo)c->algo)
			return ims_cli_fail("aka", IMS_E_USAGE,
					    "%s: %s has no such thing",
					    all[i].name, algo) == 0;
		*out = all[i];
	}
	if (!out->name && c->algo != IMS_AKA_XOR)
		return ims_cli_fail("aka", IMS_E_USAGE, "%s is needed for %s",
				    c->algo == IMS_AKA_TUAK
					    ? "--topc (or --top)"
					    : "--opc (or --op)",
				    algo) == 0;
	return true;
}

static int set_op(const struct op_option *o, struct aka_keys *out)
{
	size_t n = o->algo == IMS_AKA_TUAK ? 32 : 16;
	uint8_t op[32];
	int err;

	if (!secret(o->name, o->text, op, n, 0))
		return IMS_EXIT_USAGE;
	out->other = out->key;
	if (o->derived) {
		err = ims_aka_key_opc(&out->key, op, n);
		out->other_err = -IMS_E_OP_AS_OPC;
		if (!err)
			err = ims_aka_key_op(&out->other, op, n);
	} else {
		err = ims_aka_key_op(&out->key, op, n);
		out->other_err = -IMS_E_OPC_AS_OP;
		if (!err)
			err = ims_aka_key_opc(&out->other, op, n);
	}
	ims_wipe(op, sizeof op);
	return err ? ims_cli_fail("aka", err, NULL) : 0;
}

static int set_numbers(const struct aka_conf *c, struct ims_aka_key *key)
{
	if (c->res_len && ims_aka_key_res_len(key, c->res_len))
		return ims_cli_fail("aka", IMS_E_USAGE,
				    "--res-len: milenage has 8 bytes, tuak 4, "
				    "8, 16 or 32, xor 4 to 16");
	if (c->iterations < 1 || c->iterations > 255)
		return ims_cli_fail("aka", IMS_E_USAGE,
				    "--iterations: 1 to 255");
	if (c->iterations != 1 && key->algo != IMS_AKA_TUAK)
		return ims_cli_fail("aka", IMS_E_USAGE,
				    "--iterations: only tuak has them");
	key->iterations = (uint8_t)c->iterations;
	return 0;
}

int ims_cli_aka_keys(const struct aka_conf *c, struct aka_keys *out)
{
	struct op_option op;
	uint8_t k[32];
	size_t n;
	int status;

	if (!*c->key)
		return ims_cli_fail("aka", IMS_E_USAGE,
				    "--key is needed (hex, or - to read it "
				    "from standard input)");
	if (!which_op(c, &op))
		return IMS_EXIT_USAGE;
	n = secret("--key", c->key, k, 16, c->algo == IMS_AKA_TUAK ? 32 : 0);
	if (!n)
		return IMS_EXIT_USAGE;
	*out = (struct aka_keys){0};
	ims_aka_key_init(&out->key, (enum ims_aka_algo)c->algo, k, n);
	ims_wipe(k, sizeof k);
	status = set_numbers(c, &out->key);
	if (!status && op.name)
		status = set_op(&op, out);
	return status;
}
