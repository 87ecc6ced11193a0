/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_stats.c - what a running program counts, for `imsreg ctl status`. */
#include "ctl_stats.h"

void ims_ctl_stats_told(struct ims_ctl_stats *s, enum ims_who who,
			const struct ims_act *tell)
{
	int err = tell->err < 0 ? -tell->err : tell->err;

	if (who != IMS_WHO_PCSCF || tell->tell == IMS_TELL_AGREED)
		s->told[tell->tell]++;
	else if (tell->tell == IMS_TELL_PROBLEM)
		s->told[IMS_TELL_PROBLEM]++;
	if (err && err < IMS_E_LAST)
		s->problem[err]++;
}

void ims_ctl_stats_dropped(struct ims_ctl_stats *s, int err)
{
	if (err < 0)
		err = -err;
	if (err < IMS_E_LAST)
		s->dropped[err]++;
}

/* The status of an answer; 0: it is a request. */
static unsigned status_of(struct ims_str m)
{
	unsigned n = 0;

	if (m.n < 12 || !ims_str_casestarts(m, IMS_S("SIP/2.0 ")))
		return 0;
	for (int i = 8; i < 11; i++) {
		if (m.p[i] < '0' || m.p[i] > '9')
			return 0;
		n = n * 10 + (unsigned)(m.p[i] - '0');
	}
	return n;
}

void ims_ctl_stats_seen(struct ims_ctl_stats *s, const struct ims_seen *m)
{
	unsigned status = status_of(m->bytes);

	if (!status)
		return;
	if (status == 401 &&
	    (m->who == IMS_WHO_SCSCF || (m->who == IMS_WHO_UE && !m->sent)))
		s->challenges++;
	if (m->who == IMS_WHO_PCSCF && m->sent && m->flow->side == IMS_GM &&
	    status < 700)
		s->answer[status / 100]++;
}

static json_t *by_id(const uint64_t n[IMS_E_LAST])
{
	json_t *o = json_object();

	for (int i = 1; i < IMS_E_LAST; i++)
		if (n[i])
			json_object_set_new(o, ims_err_info(i)->id,
					    json_integer((json_int_t)n[i]));
	return o;
}

static json_t *by_class(const uint64_t n[7])
{
	json_t *o = json_object();
	char name[] = "1xx";

	for (int i = 1; i < 7; i++) {
		name[0] = (char)('0' + i);
		if (n[i])
			json_object_set_new(o, name,
					    json_integer((json_int_t)n[i]));
	}
	return o;
}

json_t *ims_ctl_stats_put(const struct ims_ctl_stats *s)
{
	static const struct {
		const char *name;
		enum ims_tell tell;
	} names[] = {{"registered", IMS_TELL_REGISTERED},
		     {"refreshed", IMS_TELL_REFRESHED},
		     {"deregistered", IMS_TELL_DEREGISTERED},
		     {"subscribed", IMS_TELL_SUBSCRIBED},
		     {"notified", IMS_TELL_NOTIFIED},
		     {"agreed", IMS_TELL_AGREED}};
	uint64_t failures =
		s->told[IMS_TELL_PROBLEM] + s->told[IMS_TELL_FAILED];
	json_t *o = json_object();

	json_object_set_new(o, "challenges",
			    json_integer((json_int_t)s->challenges));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_object_set_new(
			o, names[i].name,
			json_integer((json_int_t)s->told[names[i].tell]));
	json_object_set_new(o, "failures", json_integer((json_int_t)failures));
	json_object_set_new(o, "problems", by_id(s->problem));
	json_object_set_new(o, "dropped", by_id(s->dropped));
	json_object_set_new(o, "answers", by_class(s->answer));
	return o;
}
