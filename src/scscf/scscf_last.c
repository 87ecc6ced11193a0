/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_last.c - the last NOTIFY of a watch outlives the process.
 *
 * With the end of a registration its record goes, and nothing would tell the
 * watchers any more if we ended, too, before they have heard of it.  So their
 * last NOTIFY is a record of its own, as it is sent, until it was answered or
 * nobody waits for an answer; and the next process sends the same one again.
 *
 * Spec: RFC 6665 4.2.2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_pack.h"
#include "scscf_priv.h"

/* What a transaction gives back: the number of a watch, or of a last NOTIFY. */
#define IS_LAST UINT32_C(0x80000000)

static void keep(struct ims_scscf *s, uint32_t no, struct ims_str record)
{
	char key[16];

	snprintf(key, sizeof(key), IMS_SCSCF_LAST_KEY "%u", (unsigned)no);
	ims_acts_keep(&s->acts, IMS_KEEP_SCSCF, ims_str(key), record);
}

static int send(struct ims_scscf *s, struct ims_addr hop, struct ims_str bytes,
		uint32_t no)
{
	struct ims_flow flow = {.side = IMS_MW,
				.transport = IMS_UDP,
				.local = s->conf.local,
				.remote = hop};

	return ims_txns_request(&s->txns, &flow, bytes, IS_LAST | no,
				s->now_ms);
}

static uint32_t next(uint32_t no)
{
	return no % (IS_LAST - 1) + 1;
}

void ims_scscf_last_keep(struct ims_scscf *s, struct ims_scscf_watch *w,
			 struct ims_str bytes)
{
	char host[IMS_ADDR_TEXT];
	struct ims_addr hop;
	struct ims_buf b;

	/* who ends in order has sent it, and told all that there is */
	if (s->stopped || ims_reg_sub_hop(&w->sub, &hop))
		return;
	w->last = malloc(bytes.n);
	if (!w->last)
		return;
	memcpy(w->last, bytes.p, bytes.n);
	w->n_last = bytes.n;
	w->last_no = s->last_notify = next(s->last_notify);
	ims_buf_init(&b, s->body, sizeof(s->body));
	ims_pack_begin(&b, IMS_SCSCF_RECORD);
	ims_pack_str(&b, IMS_S(IMS_SCSCF_LAST_KEY));
	ims_pack_u64(&b, w->last_no);
	ims_pack_str(&b, ims_str(ims_addr_text(hop, host)));
	ims_pack_str(&b, bytes);
	if (!b.over)
		keep(s, w->last_no, ims_buf_str(&b));
}

int ims_scscf_last_send(struct ims_scscf *s, const struct ims_scscf_watch *w)
{
	struct ims_addr hop;
	int id = ims_reg_sub_hop(&w->sub, &hop);

	if (!id)
		id = send(s, hop, ims_str_n(w->last, w->n_last), w->last_no);
	if (id < 0)
		keep(s, w->last_no, ims_str(NULL));
	return id;
}

bool ims_scscf_last_done(struct ims_scscf *s, uint32_t ref)
{
	if (!(ref & IS_LAST))
		return false;
	keep(s, ref & ~IS_LAST, ims_str(NULL));
	return true;
}

int ims_scscf_last_restore(struct ims_scscf *s, struct ims_unpack *in)
{
	uint32_t no = ims_unpack_u32(in, IS_LAST - 1);
	struct ims_str host = ims_unpack_str(in);
	struct ims_str bytes = ims_unpack_str(in);
	struct ims_sip_msg m;
	struct ims_addr hop;
	int id;

	if (ims_unpack_end(in) || no == 0 || bytes.n > sizeof(s->msg) ||
	    ims_addr_parse(host, 0, &hop) ||
	    ims_sip_msg_parse(bytes, &m, NULL) || !m.request ||
	    m.method != IMS_SIP_NOTIFY)
		return -IMS_E_SYNTAX;
	if (no > s->last_notify)
		s->last_notify = no;
	id = send(s, hop, bytes, no);
	return id < 0 ? id : 0;
}
