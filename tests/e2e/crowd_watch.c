/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_watch.c - dialog, CSeq and version of a subscription, as they pass. */
#include "crowd_watch.h"

#include <stdio.h>
#include <string.h>

#include "reg_info.h"
#include "sip_addr.h"
#include "sip_event.h"

static void say(char *text, size_t n, const char *what, struct ims_str more)
{
	char clean[80];

	ims_printable(more, clean, sizeof clean);
	snprintf(text, n, "%s%s", what, clean);
}

static enum crowd_verdict subscribe(struct crowd_watch *w,
				    const struct ims_sip_msg *m, char *text,
				    size_t n)
{
	bool anew = w->promised && !ims_str_eq(m->call_id, ims_str(w->call_id));

	if (ims_sip_tag(m, IMS_SIP_TO).n)
		return CROWD_NOTHING;
	if (!ims_str_eq(m->call_id, ims_str(w->call_id)))
		*w = (struct crowd_watch){0};
	snprintf(w->call_id, sizeof w->call_id, "%.*s",
		 IMS_STR_ARG(m->call_id));
	say(text, n, "it subscribes anew", IMS_S(""));
	return anew ? CROWD_ANEW : CROWD_NOTHING;
}

static enum crowd_verdict document(struct crowd_watch *w,
				   const struct ims_reginfo *doc,
				   uint64_t now_ms, char *text, size_t n)
{
	uint32_t before = w->version;
	bool rises = !w->any || doc->version > before;
	bool next = !w->any || doc->version == before + 1;

	snprintf(text, n, "version %u, %s, after %u", (unsigned)doc->version,
		 doc->full ? "full" : "partial", (unsigned)before);
	if (!rises)
		return CROWD_VERSION;
	w->any = true;
	w->version = doc->version;
	if (doc->full)
		w->gap_ms = 0;
	if (doc->full || next)
		return CROWD_DOCUMENT;
	if (!w->gap_ms)
		w->gap_ms = now_ms;
	return CROWD_GAP;
}

static enum crowd_verdict notify(struct crowd_watch *w,
				 const struct ims_sip_msg *m, uint64_t now_ms,
				 char *text, size_t n)
{
	struct ims_sip_sub_state sub;
	enum crowd_verdict v = CROWD_NOTHING;
	struct ims_reginfo doc;

	if (!ims_str_eq(m->call_id, ims_str(w->call_id)) ||
	    (w->cseq && m->cseq <= w->cseq))
		return CROWD_NOTHING; /* of an older dialog; once more */
	w->cseq = m->cseq;
	if (ims_sip_sub_state_parse(ims_sip_get(m, IMS_SIP_SUBSCRIPTION_STATE),
				    &sub) ||
	    (m->body.n && ims_reginfo_parse(m->body, &doc, NULL))) {
		say(text, n, "", ims_str_from(m->raw, 0));
		return CROWD_UNHEARD;
	}
	if (m->body.n) {
		v = document(w, &doc, now_ms, text, n);
		ims_reginfo_free(&doc);
	}
	if (sub.state != IMS_SUB_TERMINATED)
		return v;
	say(text, n, "terminated: ", sub.reason);
	return CROWD_ENDED;
}

enum crowd_verdict crowd_watch_see(struct crowd_watch *w,
				   const struct ims_seen *s, char *text,
				   size_t n)
{
	struct ims_sip_msg m;

	if (ims_sip_msg_parse(s->bytes, &m, NULL))
		return CROWD_NOTHING;
	if (m.request && s->sent && m.method == IMS_SIP_SUBSCRIBE)
		return subscribe(w, &m, text, n);
	if (m.request && !s->sent && m.method == IMS_SIP_NOTIFY)
		return notify(w, &m, s->wall_ms, text, n);
	if (!m.request && !s->sent && m.method == IMS_SIP_SUBSCRIBE &&
	    m.status == 200 && ims_str_eq(m.call_id, ims_str(w->call_id)))
		w->promised = true;
	return CROWD_NOTHING;
}

void crowd_watch_over(struct crowd_watch *w)
{
	w->promised = false;
	w->gap_ms = 0;
}
