/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_mail.c - what is to be done, now or later, in order of time. */
#include "base_mem.h"
#include "inject_priv.h"

#include <stdlib.h>
#include <string.h>

struct inject_mail {
	struct ims_list node;
	struct ims_inject_mail mail;
	uint64_t at_ms;
	char bytes[];
};

/* Before the first that is due later. */
static void enter(struct ims_inject *j, struct inject_mail *m)
{
	ims_list_each (pos, &j->mail) {
		if (ims_container(pos, struct inject_mail, node)->at_ms >
		    m->at_ms) {
			ims_list_add(pos, &m->node);
			return;
		}
	}
	ims_list_add(&j->mail, &m->node);
}

static void post(struct ims_inject *j, const struct ims_inject_mail *mail,
		 uint64_t at_ms)
{
	struct inject_mail *m = malloc(sizeof *m + mail->bytes.n);

	if (!m)
		return;
	memset(m, 0, sizeof *m);
	m->mail = *mail;
	m->at_ms = at_ms;
	if (mail->bytes.n)
		memcpy(m->bytes, mail->bytes.p, mail->bytes.n);
	m->mail.bytes.p = m->bytes;
	enter(j, m);
}

void ims_inject_post(struct ims_inject *j, enum ims_inject_at at,
		     const struct ims_flow *flow, struct ims_str bytes,
		     uint64_t at_ms)
{
	struct ims_inject_mail mail = {.at = at, .bytes = bytes};

	if (flow)
		mail.flow = *flow;
	post(j, &mail, at_ms);
}

void ims_inject_post_del(struct ims_inject *j, uint32_t set, uint64_t at_ms)
{
	post(j, &(struct ims_inject_mail){.at = IMS_INJECT_SA, .set = set},
	     at_ms);
}

/* Messages may hold what is secret: a challenge on Mw has ck and ik. */
static void drop(struct inject_mail *m)
{
	if (!m)
		return;
	ims_wipe(m->bytes, m->mail.bytes.n);
	free(m);
}

bool ims_inject_next(struct ims_inject *j, uint64_t now_ms,
		     struct ims_inject_mail *out)
{
	struct inject_mail *m;

	drop(j->out);
	j->out = NULL;
	if (ims_list_empty(&j->mail))
		return false;
	m = ims_container(j->mail.next, struct inject_mail, node);
	if (m->at_ms > now_ms)
		return false;
	ims_list_del(&m->node);
	j->out = m;
	*out = m->mail;
	return true;
}

uint64_t ims_inject_due(const struct ims_inject *j)
{
	if (ims_list_empty(&j->mail))
		return IMS_NEVER;
	return ims_container(j->mail.next, struct inject_mail, node)->at_ms;
}

void ims_inject_mail_free(struct ims_inject *j)
{
	ims_list_each (pos, &j->mail) {
		ims_list_del(pos);
		drop(ims_container(pos, struct inject_mail, node));
	}
	drop(j->out);
	j->out = NULL;
}
