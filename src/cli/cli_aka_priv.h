/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka_priv.h - what the files of `imsreg aka` share. */
#ifndef IMS_CLI_AKA_PRIV_H
#define IMS_CLI_AKA_PRIV_H

#include "aka_digest.h"
#include "cli_key.h"

/* The options as they were given; an empty text: not given. */
struct aka_conf {
	struct ims_cli_key key;
	char nonce[800], rand[160], autn[160], sqn[160], amf[160], auts[160];
	char username[256], realm[256], uri[256], method[64], qop[64];
	char nc[64], cnonce[256], algorithm[64], response[160];
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

#endif
