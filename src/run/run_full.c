/* SPDX-License-Identifier: BSD-2-Clause */
/* run_full.c - what is refused while the store cannot commit. */
#include "run_full.h"

#include "run_keep.h"
#include "sip_build.h"

#define AGAIN_MS 1000
#define RETRY_AFTER "10"

/* 0, or why a promise cannot be made now. */
static int state_of(struct ims_run_seat *s, struct ims_flaw *why)
{
	struct ims_keep_store *k = s->env.keep;
	uint64_t now_ms = s->env.now_ms(s->env.arg);
	int err = s->store_failed ? -IMS_E_STORE : 0;

	if (err && now_ms >= s->again_ms) {
		s->again_ms = now_ms + AGAIN_MS;
		err = ims_run_keep_safe(s) ? 0 : err;
	}
	if (!err && k->ops->room && !k->ops->room(k))
		err = -IMS_E_STORE;
	if (err)
		ims_flaw(why, err,
			 "nobody new is served, they are told to come again "
			 "(503): %s",
			 k->ops->why(k));
	return err;
}

bool ims_run_full_news(struct ims_run_seat *s, struct ims_ev *ev)
{
	struct ims_flaw why;
	int err;

	if (!s->env.keep)
		return false;
	err = state_of(s, &why);
	if (s->full == (err != 0))
		return false;
	s->full = err != 0;
	if (!err)
		ims_run_tell(s, IMS_TELL_INFO, 0,
			     IMS_S("what is promised can be stored again"));
	else if (!s->store_failed) /* that was told when it was found */
		ims_run_tell(s, IMS_TELL_PROBLEM, err, ims_str(why.text));
	*ev = (struct ims_ev){.kind = IMS_EV_STORE, .err = err};
	return true;
}

bool ims_run_full_harmless(struct ims_str bytes)
{
	static const char head[] = "SIP/2.0 ";

	return ims_str_starts(bytes, ims_str(head)) &&
	       bytes.n > sizeof head - 1 && bytes.p[sizeof head - 1] != '2';
}

bool ims_run_full_refusal(struct ims_str bytes, struct ims_buf *out)
{
	static const enum ims_sip_hdr_id same[] = {IMS_SIP_VIA, IMS_SIP_FROM,
						   IMS_SIP_TO, IMS_SIP_CALL_ID,
						   IMS_SIP_CSEQ};
	struct ims_sip_msg m;

	if (ims_sip_msg_parse(bytes, &m, NULL) || m.request ||
	    m.status / 100 != 2 ||
	    (m.method != IMS_SIP_REGISTER && m.method != IMS_SIP_SUBSCRIBE))
		return false;
	ims_sip_put_status(out, 503, ims_str(ims_sip_reason(503)));
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ims_sip_copy(out, &m, same[i]);
	ims_sip_put(out, IMS_SIP_RETRY_AFTER, IMS_S(RETRY_AFTER));
	ims_sip_put_body(out, ims_str(NULL), ims_str(NULL));
	return !out->over;
}
