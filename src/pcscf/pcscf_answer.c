/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_answer.c - the core's answer to a REGISTER becomes an event.
 *
 * Spec: TS 24.229 5.2.2; TS 33.203 6.1, 7.2.
 */
#include "base_hex.h"
#include "base_mem.h"
#include "pcscf_priv.h"
#include "sip_addr.h"
#include "sip_auth.h"

void ims_pcscf_put_answer(struct ims_pcscf *p, const struct ims_pcscf_relay *r,
			  const struct ims_sip_msg *m, const char *server,
			  struct ims_buf *b)
{
	size_t n = m->status / 100 == 2 ? r->keep_at : 0;

	ims_sip_put_status(b, m->status, m->reason);
	ims_buf_putn(b, r->head, n);
	if (n)
		ims_buf_printf(b, "=%u", p->conf.keep_s);
	ims_buf_putn(b, r->head + n, r->via_len - n);
	ims_pcscf_put_headers(b, m, ims_pcscf_not_to_ue | IMS_BIT(VIA));
	if (server)
		ims_sip_put(b, IMS_SIP_SECURITY_SERVER, ims_str(server));
	ims_pcscf_put_end(b, m);
}

static int keys_of(const struct ims_sip_msg *m, uint8_t ck[static 16],
		   uint8_t ik[static 16])
{
	struct ims_sip_auth a;
	int err = ims_sip_auth_get(m, IMS_SIP_WWW_AUTHENTICATE, &a);

	if (err)
		return err;
	if (a.ck.n != 32 || a.ik.n != 32)
		return -IMS_E_LENGTH;
	err = ims_hex_get_n(a.ck, ck, 16);
	return err ? err : ims_hex_get_n(a.ik, ik, 16);
}

static void fail(struct ims_pcscf *p, struct ims_pcscf_ue *ue, unsigned status,
		 const struct ims_sip_msg *m, uint64_t now_ms)
{
	ims_pcscf_reg_fail(p, ue,
			   &(struct ims_pcscf_reg_ev){.status = status,
						      .answer = m,
						      .now_ms = now_ms});
}

static void problem(struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		    const char *what)
{
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0, "%s: %s",
		      ue->impi, what);
}

/* Inside a temporary set the UE repeats its offer, and with SPIs that are in use
 * no other set can be made: it has to begin anew.
 */
static const char *why_no_offer(const struct ims_pcscf *p,
				const struct ims_pcscf_relay *r)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, r->flow.set);

	return s && s->life == IMS_SET_PENDING
		       ? "the core challenges once more inside the temporary "
			 "SAs: the UE has to begin anew"
		       : "the core challenges inside the SAs, but the UE "
			 "made no offer for new ones";
}

static void challenged(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		       const struct ims_pcscf_relay *r,
		       const struct ims_sip_msg *m, uint64_t now_ms)
{
	uint8_t ck[16], ik[16];
	struct ims_pcscf_reg_ev ev = {.answer = m,
				      .ck = ck,
				      .ik = ik,
				      .now_ms = now_ms};

	if (!ue->offer && r->flow.set == 0) {
		fail(p, ue, 0, m, now_ms); /* the UE wants no SAs */
		return;
	}
	if (!ue->offer) {
		problem(p, ue, why_no_offer(p, r));
		fail(p, ue, 500, NULL, now_ms);
		return;
	}
	if (keys_of(m, ck, ik)) {
		problem(p, ue, "the core's 401 has no ik and ck");
		fail(p, ue, 500, NULL, now_ms);
	} else {
		ims_pcscf_reg_step(p, ue, IMS_ON_CHALLENGE, &ev);
		ims_pcscf_ue_settle(p, ue, now_ms);
	}
	ims_wipe(ck, sizeof(ck));
	ims_wipe(ik, sizeof(ik));
}

/* The identity in To is gone: how long do the others last?  0: there is none. */
static uint32_t left_of_others(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			       const struct ims_sip_msg *m, bool *one_left)
{
	struct ims_sip_addr to;
	uint64_t end;

	if (!ue->registered || ims_sip_addr_get(m, IMS_SIP_TO, &to))
		return 0;
	ims_pcscf_names_drop(p, ue, to.uri.text);
	end = ims_pcscf_names_end(ue);
	*one_left = end > p->now_ms;
	return *one_left ? (uint32_t)((end - p->now_ms + 999) / 1000) : 0;
}

static void accepted(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     const struct ims_pcscf_relay *r,
		     const struct ims_sip_msg *m, uint64_t now_ms)
{
	struct ims_pcscf_reg_ev ev = {.answer = m, .now_ms = now_ms};

	ev.expires = ims_pcscf_granted(r, m);
	if (r->flow.set == 0 && ue->offer) {
		problem(p, ue,
			"the core did not challenge a REGISTER in the "
			"clear");
		fail(p, ue, 500, NULL, now_ms);
		return;
	}
	if (!ev.expires)
		ev.expires = left_of_others(p, ue, m, &ev.one_left);
	ims_pcscf_reg_step(p, ue, ev.expires ? IMS_ON_OK : IMS_ON_GONE, &ev);
	ims_pcscf_ue_settle(p, ue, now_ms);
}

void ims_pcscf_register_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			       const struct ims_sip_msg *m, uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);

	if (m->status < 200)
		return;
	if (!ue || ue->round != r->id) {
		ims_pcscf_relay_refuse(p, r, 500, now_ms);
		ims_pcscf_relay_free(p, r);
	} else if (m->status == 401) {
		challenged(p, ue, r, m, now_ms);
	} else if (m->status < 300) {
		accepted(p, ue, r, m, now_ms);
	} else {
		fail(p, ue, 0, m, now_ms);
	}
}

void ims_pcscf_register_failed(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			       unsigned status, uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);

	if (ue && ue->round == r->id) {
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, 0,
			      "%s: no answer from the core", ue->impi);
		fail(p, ue, status, NULL, now_ms);
		return;
	}
	ims_pcscf_relay_refuse(p, r, status, now_ms);
	ims_pcscf_relay_free(p, r);
}
