/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_event.c - Event and Subscription-State. */
#include "sip_event.h"

#include "base_err.h"
#include "sip_scan.h"

/* The word before the parameters; s then holds these. */
static int take_word(struct ims_sip_scan *s, struct ims_str *word)
{
	*word = ims_sip_scan_run(s, IMS_SIP_C_TOKEN);
	ims_sip_scan_ws(s);
	if (word->n == 0 || (s->p < s->end && *s->p != ';') ||
	    !ims_sip_balanced(ims_sip_scan_rest(s)))
		return -IMS_E_SYNTAX;
	return 0;
}

int ims_sip_event_parse(struct ims_str text, struct ims_sip_event *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_str_trim(text));
	struct ims_sip_event e = {0};
	struct ims_sip_param id;

	if (take_word(&s, &e.package))
		return -IMS_E_SYNTAX;
	if (ims_sip_param_find(ims_sip_scan_rest(&s), "id", &id))
		e.id = id.value;
	*out = e;
	return 0;
}

static enum ims_sip_substate state_of(struct ims_str word)
{
	if (IMS_SIP_IS_WORD(word, "active"))
		return IMS_SUB_ACTIVE;
	if (IMS_SIP_IS_WORD(word, "pending"))
		return IMS_SUB_PENDING;
	return IMS_SIP_IS_WORD(word, "terminated") ? IMS_SUB_TERMINATED
						   : IMS_SUB_OTHER;
}

int ims_sip_sub_state_parse(struct ims_str text, struct ims_sip_sub_state *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_str_trim(text));
	struct ims_sip_sub_state got = {0};
	struct ims_str word, list;
	struct ims_sip_param p;
	int err = 0;

	if (take_word(&s, &word))
		return -IMS_E_SYNTAX;
	got.state = state_of(word);
	list = ims_sip_scan_rest(&s);
	while (err == 0 && ims_sip_param_next(&list, &p)) {
		if (IMS_SIP_IS_WORD(p.name, "reason")) {
			got.reason = p.value;
		} else if (IMS_SIP_IS_WORD(p.name, "expires")) {
			got.has_expires = true;
			err = ims_str_u32(p.value, UINT32_MAX, &got.expires);
		} else if (IMS_SIP_IS_WORD(p.name, "retry-after")) {
			got.has_retry_after = true;
			err = ims_str_u32(p.value, UINT32_MAX,
					  &got.retry_after);
		}
	}
	if (err == 0)
		*out = got;
	return err;
}
