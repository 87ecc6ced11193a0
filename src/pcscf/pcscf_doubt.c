/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_doubt.c - a UE begins anew in the clear, and its living sets are in the
 * way: it offers the SPIs of one of them, or they hold every port_pc.
 *
 * Either it was started anew and has forgotten that set, or somebody else
 * speaks in its name.  With ports of ours that differ both sets can live, until
 * the newcomer has proven who he is; only a kernel cannot hold two SAs with
 * one SPI to one address.  Then the newcomer is told to come again (503), and
 * whoever may be behind the set is asked over it: if nothing is heard from
 * there until he comes, it is replaced.
 *
 * With as many port_pc as a UE may have sets one is always free.  With two, the
 * one in use and its successor hold both, for as long as the UE does not speak
 * on the successor: one that has forgotten both never will.  So it is asked
 * over the one in use, and if it is silent the successor's turn comes as it
 * would when that ends: nothing is ended but what was replaced, in its time.
 *
 * Spec: TS 33.203 7.1, 7.4; RFC 4301 4.4.2.1.
 */
#include "pcscf_priv.h"

#define PATIENCE_MS 5000 /* less than Retry-After */

bool ims_pcscf_same_spi(const struct ims_pcscf_set *s, uint32_t spi)
{
	return s->sas.sa[IMS_PS_TO_UC].spi == spi ||
	       s->sas.sa[IMS_PC_TO_US].spi == spi;
}

/* Any answer will do: it comes inside ESP. */
static void ask(struct ims_pcscf *p, const struct ims_pcscf_set *s,
		uint64_t now_ms)
{
	struct ims_flow to = ims_role_flow(&s->sas, IMS_UDP);
	struct ims_buf b = ims_pcscf_out(p);
	char branch[IMS_BRANCH_LEN], tag[IMS_PCSCF_TOKEN + 1];
	char host[IMS_ADDR_TEXT], ue[IMS_ADDR_TEXT];
	struct ims_addr me = s->sas.sa[IMS_UC_TO_PS].dst;

	ims_role_branch(&p->rnd, branch);
	ims_role_token(&p->rnd, tag, IMS_PCSCF_TOKEN);
	ims_addr_text(me, host);
	ims_addr_text(to.remote, ue);
	ims_buf_printf(&b, "OPTIONS sip:%s SIP/2.0\r\n", ue);
	ims_buf_printf(&b, "Via: SIP/2.0/UDP %s;branch=%s\r\n", host, branch);
	ims_sip_put(&b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	ims_sip_putf(&b, IMS_SIP_FROM, "<sip:%s>;tag=%s", host, tag);
	ims_sip_putf(&b, IMS_SIP_TO, "<sip:%s>", ue);
	ims_sip_putf(&b, IMS_SIP_CALL_ID, "%s@%s", tag, host);
	ims_sip_put(&b, IMS_SIP_CSEQ, IMS_S("1 OPTIONS"));
	ims_sip_put_body(&b, (struct ims_str){0}, (struct ims_str){0});
	(void)ims_txns_request(&p->txns, &to, ims_buf_str(&b), 0, now_ms);
}

void ims_pcscf_doubt(struct ims_pcscf *p, const struct ims_pcscf_set *refused,
		     uint64_t now_ms)
{
	const struct ims_pcscf_ue *ue = refused->ue;
	uint32_t c = refused->sas.sa[IMS_PS_TO_UC].spi;
	uint32_t s_spi = refused->sas.sa[IMS_PC_TO_US].spi;

	for (struct ims_pcscf_set *s = ue->sets; s; s = s->next) {
		if (s == refused || s->doubt_at ||
		    !ims_pcscf_set_established(s) ||
		    (!ims_pcscf_same_spi(s, c) &&
		     !ims_pcscf_same_spi(s, s_spi)))
			continue;
		s->doubt_at = now_ms;
		s->doubt_of_port = false;
		ask(p, s, now_ms);
	}
}

void ims_pcscf_doubt_port(struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
			  uint64_t now_ms)
{
	struct ims_pcscf_set *s = ims_pcscf_set_of(ue, IMS_SET_IN_USE);

	if (!s || s->doubt_at || !ims_pcscf_set_of(ue, IMS_SET_NEW))
		return;
	s->doubt_at = now_ms;
	s->doubt_of_port = true;
	ask(p, s, now_ms);
}

static void give_turn(struct ims_pcscf *p, struct ims_pcscf_set *s,
		      uint64_t now_ms)
{
	struct ims_pcscf_set *successor = ims_pcscf_set_of(s->ue, IMS_SET_NEW);

	s->doubt_at = 0;
	if (s->life != IMS_SET_IN_USE || !successor)
		return;
	ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, s->sas.id,
		      "%s begins anew, and is silent on the SAs in use: those "
		      "that it has not used yet take over",
		      s->ue->impi);
	ims_pcscf_set_turn(p, successor, now_ms);
}

void ims_pcscf_end_doubts(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  uint64_t now_ms)
{
	struct ims_pcscf_set *s, *next;

	for (s = ue->sets; s; s = next) {
		next = s->next;
		if (!s->doubt_at || now_ms < s->doubt_at + PATIENCE_MS)
			continue;
		if (s->doubt_of_port) {
			give_turn(p, s, now_ms);
			continue;
		}
		ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, s->sas.id,
			      "%s was started anew with the SPIs it had, and "
			      "is silent on its old SAs: they are removed",
			      ue->impi);
		ims_pcscf_set_drop(p, s);
	}
}
