/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka_priv.h - what the files of `imsreg aka` share. */
#ifndef IMS_CLI_AKA_PRIV_H
#define IMS_CLI_AKA_PRIV_H

#include "aka_digest.h"

/* The options as they were given; an empty text: not given. */
struct aka_conf {
	unsigned algo; /* enum ims_aka_algo */
	char key[160], op[160], opc[160], top[160], topc[160];
	char nonce[800], rand[160], autn[160], sqn[160], amf[160], auts[160];
	char username[256], realm[256], uri[256], method[64], qop[64];
	char nc[64], cnonce[256], algorithm[64], response[160];
	uint32_t res_len, iterations;
	bool json;
};

/* What is printed: one list for text and JSON. */
#define AKA_MAX_FIELDS 24
struct aka_field {
	const char *name;
	char value[200];
	char note[64]; /* text only */
	int yes;       /* JSON only: 1 true, 0 false; -1: it is a text */
};
struct aka_report {
	struct aka_field f[AKA_MAX_FIELDS];
	size_t n;
};
void ims_cli_aka_put(struct aka_report *r, const char *name, const char *value);
void ims_cli_aka_hex(struct aka_report *r, const char *name, const void *bytes,
		     size_t n);
void ims_cli_aka_bool(struct aka_report *r, const char *name, bool yes);
/* Beside the field that was put last. */
void ims_cli_aka_note(struct aka_report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void ims_cli_aka_print(const struct aka_report *r, bool json);

/* The bytes of an option of exactly n of them (or, unless 0, n2); how many.
 * What is wrong is printed, without showing the value: then 0.
 */
size_t ims_cli_aka_bytes(const char *option, const char *text, uint8_t *out,
			 size_t n, size_t n2);

/* The key as the options have it, and the same with OP and OPc exchanged. */
struct aka_keys {
	struct ims_aka_key key, other;
	int other_err; /* what it means if only `other` fits; 0: there is none */
};
/* Returns 0, or the exit status of what was printed. */
int ims_cli_aka_keys(const struct aka_conf *c, struct aka_keys *out);

#endif
