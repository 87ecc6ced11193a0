/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_key.h - K, OP and OPc from options or standard input, for every command
 * that takes a key.
 */
#ifndef IMS_CLI_KEY_H
#define IMS_CLI_KEY_H

#include "aka.h"
#include "cli_opt.h"

/* The options as they were given; an empty text: not given. */
struct ims_cli_key {
	unsigned algo; /* enum ims_aka_algo */
	char key[160], op[160], opc[160], top[160], topc[160];
	uint32_t res_len, iterations; /* 0: the algorithm's own */
};
extern const char *const ims_cli_key_algos[];

/* The rows of a command's option table; `m` is its struct ims_cli_key. */
/* clang-format off */
#define IMS_CLI_KEY_AT(conf, m, f) \
	offsetof(struct conf, m.f), sizeof((struct conf *)0)->m.f
#define IMS_CLI_KEY_OPTS(conf, m) \
	{"algo", 0, IMS_OPT_WORD, IMS_CLI_KEY_AT(conf, m, algo), \
	 ims_cli_key_algos, NULL, "AKA algorithm (default milenage)"}, \
	{"key", 'k', IMS_OPT_TEXT, IMS_CLI_KEY_AT(conf, m, key), NULL, "HEX", \
	 "K; - reads it from standard input"}, \
	{"opc", 'o', IMS_OPT_TEXT, IMS_CLI_KEY_AT(conf, m, opc), NULL, "HEX", \
	 "OPc (milenage); - reads it"}, \
	{"op", 0, IMS_OPT_TEXT, IMS_CLI_KEY_AT(conf, m, op), NULL, "HEX", \
	 "OP, from which OPc is made; - reads it"}, \
	{"topc", 0, IMS_OPT_TEXT, IMS_CLI_KEY_AT(conf, m, topc), NULL, "HEX", \
	 "TOPc (tuak)"}, \
	{"top", 0, IMS_OPT_TEXT, IMS_CLI_KEY_AT(conf, m, top), NULL, "HEX", \
	 "TOP, from which TOPc is made"}, \
	{"res-len", 0, IMS_OPT_U32, IMS_CLI_KEY_AT(conf, m, res_len), NULL, \
	 "BYTES", "length of RES: tuak 4 8 16 32, xor 4..16"}, \
	{"iterations", 0, IMS_OPT_U32, IMS_CLI_KEY_AT(conf, m, iterations), \
	 NULL, "N", "Keccak permutations (tuak; default 1)"}
/* clang-format on */

/* The key, and the same with OP and OPc exchanged: what a wrong one is told
 * from.
 */
struct ims_cli_keys {
	struct ims_aka_key key, other;
	int other_err; /* what it means if only `other` fits; 0: there is none */
};
/* Returns 0, or the exit status of what was printed.  Secret: wipe it. */
int ims_cli_key(const char *cmd, const struct ims_cli_key *in,
		struct ims_cli_keys *out);

/* The bytes of an option of exactly n of them (or, unless 0, n2); how many.
 * What is wrong is printed, without showing the value: then 0.
 */
size_t ims_cli_bytes(const char *cmd, const char *option, const char *text,
		     uint8_t *out, size_t n, size_t n2);

#endif
