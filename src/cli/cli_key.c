/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_key.c - K, OP and OPc from options or standard input. */
#include "cli_key.h"

#include "base_hex.h"
#include "base_mem.h"
#include "cli_err.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *const ims_cli_key_algos[] = {"milenage", "tuak", "xor", NULL};

/* Says what is wrong with text that is not n (or n2) bytes of hex. */
static void complain(const char *cmd, const char *option, const char *text,
		     size_t n, size_t n2)
{
	size_t digits = 0;

	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	for (size_t i = 0; text[i]; i++) {
		if (isxdigit((unsigned char)text[i])) {
			digits++;
		} else if (!strchr(" \t:", text[i])) {
			ims_cli_fail(cmd, IMS_E_USAGE,
				     "%s: character %zu is no hex digit",
				     option, i + 1);
			return;
		}
	}
	if (n2)
		ims_cli_fail(cmd, IMS_E_USAGE,
			     "%s: %zu hex digits, %zu or %zu wanted", option,
			     digits, 2 * n, 2 * n2);
	else
		ims_cli_fail(cmd, IMS_E_USAGE, "%s: %zu hex digits, %zu wanted",
			     option, digits, 2 * n);
}

size_t ims_cli_bytes(const char *cmd, const char *option, const char *text,
		     uint8_t *out, size_t n, size_t n2)
{
	uint8_t all[512];
	int got = ims_hex_get(ims_str(text), all, sizeof all);
	bool fits = got == (int)n || (n2 && got == (int)n2);

	if (fits)
		memcpy(out, all, (size_t)got);
	else
		complain(cmd, option, text, n, n2);
	ims_wipe(all, sizeof all);
	return fits ? (size_t)got : 0;
}

/* "-" is the next line of standard input. */
static size_t secret(const char *cmd, const char *option, const char *text,
		     uint8_t *out, size_t lens[2])
{
	char line[256];
	size_t got;

	if (strcmp(text, "-") != 0)
		return ims_cli_bytes(cmd, option, text, out, lens[0], lens[1]);
	if (!fgets(line, sizeof line, stdin)) {
		ims_cli_fail(cmd, IMS_E_USAGE,
			     "%s: nothing more on standard input", option);
		return 0;
	}
	line[strcspn(line, "\r\n")] = 0;
	got = ims_cli_bytes(cmd, option, line, out, lens[0], lens[1]);
	ims_wipe(line, sizeof line);
	return got;
}

/* The four ways to give the operator's constant. */
struct op_option {
	const char *name, *text;
	enum ims_aka_algo algo;
	bool derived; /* it is an OPc or TOPc already */
};

/* Which one is given; an exit status if something is wrong with that. */
static int which_op(const char *cmd, const struct ims_cli_key *in,
		    struct op_option *out)
{
	const struct op_option all[] = {
		{"--op", in->op, IMS_AKA_MILENAGE, false},
		{"--opc", in->opc, IMS_AKA_MILENAGE, true},
		{"--top", in->top, IMS_AKA_TUAK, false},
		{"--topc", in->topc, IMS_AKA_TUAK, true},
	};
	enum ims_aka_algo algo = (enum ims_aka_algo)in->algo;

	*out = (struct op_option){0};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (!*all[i].text)
			continue;
		if (out->name)
			return ims_cli_fail(cmd, IMS_E_USAGE,
					    "%s: not together with %s",
					    all[i].name, out->name);
		if (all[i].algo != algo)
			return ims_cli_fail(cmd, IMS_E_USAGE,
					    "%s: %s has no such thing",
					    all[i].name,
					    ims_aka_algo_name(algo));
		*out = all[i];
	}
	if (out->name || algo == IMS_AKA_XOR)
		return 0;
	return ims_cli_fail(cmd, IMS_E_USAGE, "%s is needed for %s",
			    algo == IMS_AKA_TUAK ? "--topc (or --top)"
						 : "--opc (or --op)",
			    ims_aka_algo_name(algo));
}

static int set_op(const char *cmd, const struct op_option *o,
		  struct ims_cli_keys *out)
{
	size_t lens[2] = {o->algo == IMS_AKA_TUAK ? 32 : 16, 0};
	struct ims_aka_key *from_opc = o->derived ? &out->key : &out->other;
	struct ims_aka_key *from_op = o->derived ? &out->other : &out->key;
	uint8_t op[32];
	int err;

	if (!secret(cmd, o->name, o->text, op, lens))
		return IMS_EXIT_USAGE;
	out->other = out->key;
	out->other_err = o->derived ? -IMS_E_OP_AS_OPC : -IMS_E_OPC_AS_OP;
	err = ims_aka_key_opc(from_opc, op, lens[0]);
	if (!err)
		err = ims_aka_key_op(from_op, op, lens[0]);
	ims_wipe(op, sizeof op);
	return err ? ims_cli_fail(cmd, err, NULL) : 0;
}

static int set_numbers(const char *cmd, const struct ims_cli_key *in,
		       struct ims_aka_key *key)
{
	uint32_t rounds = in->iterations ? in->iterations : 1;

	if (in->res_len && ims_aka_key_res_len(key, in->res_len))
		return ims_cli_fail(cmd, IMS_E_USAGE,
				    "--res-len: milenage has 8 bytes, tuak 4, "
				    "8, 16 or 32, xor 4 to 16");
	if (rounds > 255)
		return ims_cli_fail(cmd, IMS_E_USAGE, "--iterations: 1 to 255");
	if (rounds != 1 && key->algo != IMS_AKA_TUAK)
		return ims_cli_fail(cmd, IMS_E_USAGE,
				    "--iterations: only tuak has them");
	key->iterations = (uint8_t)rounds;
	return 0;
}

int ims_cli_key(const char *cmd, const struct ims_cli_key *in,
		struct ims_cli_keys *out)
{
	size_t lens[2] = {16, in->algo == IMS_AKA_TUAK ? 32 : 0};
	struct op_option op;
	uint8_t k[32];
	size_t n;
	int status;

	if (!*in->key)
		return ims_cli_fail(cmd, IMS_E_USAGE,
				    "--key is needed (hex, or - to read it "
				    "from standard input)");
	status = which_op(cmd, in, &op);
	if (status)
		return status;
	n = secret(cmd, "--key", in->key, k, lens);
	if (!n)
		return IMS_EXIT_USAGE;
	*out = (struct ims_cli_keys){0};
	ims_aka_key_init(&out->key, (enum ims_aka_algo)in->algo, k, n);
	ims_wipe(k, sizeof k);
	status = set_numbers(cmd, in, &out->key);
	if (!status && op.name)
		status = set_op(cmd, &op, out);
	return status;
}
