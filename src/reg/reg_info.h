/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_info.h - application/reginfo+xml, read and written [RFC 3680 5].
 *
 * One document as a value.  Reading is by expat with DTDs refused, at most
 * IMS_REGINFO_DEPTH deep and IMS_REGINFO_MAX bytes; what is in other
 * namespaces is skipped.
 */
#ifndef IMS_REG_INFO_H
#define IMS_REG_INFO_H

#include "base_buf.h"
#include "base_err.h"

#define IMS_REGINFO_MAX 262144
#define IMS_REGINFO_DEPTH 64

enum ims_reginfo_state {
	IMS_REGINFO_INIT,
	IMS_REGINFO_ACTIVE,
	IMS_REGINFO_TERMINATED
};
enum ims_reginfo_event {
	IMS_REGINFO_REGISTERED,
	IMS_REGINFO_CREATED,
	IMS_REGINFO_REFRESHED,
	IMS_REGINFO_SHORTENED,
	IMS_REGINFO_EXPIRED,
	IMS_REGINFO_DEACTIVATED,
	IMS_REGINFO_PROBATION,
	IMS_REGINFO_UNREGISTERED,
	IMS_REGINFO_REJECTED,
	IMS_REGINFO_N_EVENTS
};
const char *ims_reginfo_event_name(enum ims_reginfo_event e);
const char *ims_reginfo_state_name(enum ims_reginfo_state s);

struct ims_reginfo_param {
	struct ims_str name,
		value; /* value as in the header, with its quotes */
};
struct ims_reginfo_contact {
	struct ims_str id, uri, callid;
	enum ims_reginfo_state state; /* active or terminated */
	enum ims_reginfo_event event;
	bool has_expires, has_retry_after, has_cseq;
	uint32_t expires, retry_after, cseq;
	/* RFC 5628; empty: none.  first_cseq belongs to temp_gruu, and with it
	 * callid and cseq say which temporary ones are still good.
	 */
	struct ims_str pub_gruu, temp_gruu;
	uint32_t first_cseq;
	struct ims_reginfo_param *param;
	size_t n_params;
};
struct ims_reginfo_reg {
	struct ims_str aor, id;
	enum ims_reginfo_state state;
	struct ims_reginfo_contact *contact;
	size_t n_contacts;
};
/* Arrays and texts are owned by the document that was read; a writer may point
 * them at its own.
 */
struct ims_reginfo {
	uint32_t version;
	bool full;
	struct ims_reginfo_reg *reg;
	size_t n_regs;
	void *memory; /* of a document that was read */
};

/* Returns 0, -IMS_E_SYNTAX (not XML, a DTD, not RFC 3680, a number of 2^32 or
 * more), -IMS_E_TOOBIG (longer or deeper than the limits), -IMS_E_NOMEM; flaw
 * may be NULL.  Texts are UTF-8 and may hold line ends: make them printable
 * before they are shown.
 */
int ims_reginfo_parse(struct ims_str xml, struct ims_reginfo *out,
		      struct ims_flaw *flaw);
void ims_reginfo_free(struct ims_reginfo *r);
/* Writes it in the form of the seed: declaration, two blanks a level, CRLF.
 * What XML cannot hold (control characters, bytes that are not UTF-8) is
 * written as '?'.
 */
void ims_reginfo_put(struct ims_buf *b, const struct ims_reginfo *r);

#endif
