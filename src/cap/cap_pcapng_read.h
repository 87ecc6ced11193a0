/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_pcapng_read.h - reads pcapng from memory, whoever wrote it.
 *
 * Both byte orders, several sections, blocks and options that nobody knows.
 * Every length in the file is checked before it is used.
 *
 *	ims_pcapng_open(&r, bytes, n);
 *	while ((err = ims_pcapng_next(&r, &item)) > 0)
 *		use(&item);
 *
 * Spec: draft-ietf-opsawg-pcapng.
 */
#ifndef IMS_CAP_PCAPNG_READ_H
#define IMS_CAP_PCAPNG_READ_H

#include "base_addr.h"
#include "base_err.h"

/* Interfaces of a section; a file with more is refused. */
#define IMS_PCAPNG_INTERFACES 64

enum ims_pcapng_kind {
	IMS_PCAPNG_SECTION, /* comment */
	IMS_PCAPNG_PACKET,  /* link, ns, bytes, wire_len, comment */
	IMS_PCAPNG_NAME,    /* ip, text */
	IMS_PCAPNG_SECRETS, /* type, text */
};

/* Slices point into the file. */
struct ims_pcapng_item {
	enum ims_pcapng_kind kind;
	uint16_t link;
	uint64_t ns; /* since 1970; 0 for a simple packet block */
	struct ims_str bytes;
	uint32_t wire_len; /* before it was cut to what was captured */
	struct ims_ip ip;
	uint32_t type;          /* IMS_WIRESHARK_SECRETS_TYPE ... */
	struct ims_str text;    /* a name, or the secrets */
	struct ims_str comment; /* the first one; raw bytes */
};

struct ims_pcapng {
	struct ims_str file;
	size_t at;
	bool swap;
	struct {
		uint16_t link;
		uint8_t resolution; /* as in if_tsresol */
		uint32_t snap;
		uint64_t offset_s;
	} interface[IMS_PCAPNG_INTERFACES];
	size_t n_interfaces;
	struct ims_str names; /* records not yet given */
};

/* Returns 0, or -IMS_E_SYNTAX if it does not begin like pcapng.  The bytes are
 * borrowed.
 */
int ims_pcapng_open(struct ims_pcapng *r, struct ims_str file);
/* 1: *out is the next item; 0: the end; -IMS_E_SYNTAX: a length is wrong, or
 * the file was cut; -IMS_E_TOOBIG: too many interfaces.
 */
int ims_pcapng_next(struct ims_pcapng *r, struct ims_pcapng_item *out);

#endif
