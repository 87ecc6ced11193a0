/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_core.c - what a running core answers. */
#include "ctl_core.h"

#include <string.h>

#include "ctl_core_priv.h"

/* --- status -------------------------------------------------------------- */

struct tally {
	size_t known, clear, registered, pending, sets, contacts, watchers;
	json_t *lives; /* {"in use":3} */
};

static void one_more(json_t *o, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(o, name));

	json_object_set_new(o, name, json_integer(n + 1));
}

static void tally_ue(void *arg, const struct ims_pcscf_info *i)
{
	struct tally *t = arg;

	t->known++;
	t->clear += i->clear;
	for (size_t k = 0; k < i->n_sets; k++) {
		t->sets++;
		t->pending += strcmp(i->set[k].life, "pending") == 0;
		one_more(t->lives, ims_ctl_life(i->set[k].life));
	}
}

static void tally_user(void *arg, const struct ims_scscf_info *i)
{
	struct tally *t = arg;

	t->registered++;
	t->contacts += i->n_contacts;
	t->watchers += i->n_watchers;
}

static void put_counts(const struct ims_ctl_core *c, json_t *answer)
{
	uint64_t now = ims_ctl_now(&c->self);
	struct tally t = {.lives = json_object()};

	ims_pcscf_each(ims_run_core_pcscf(c->core), now, tally_ue, &t);
	ims_scscf_each(ims_run_core_scscf(c->core), now, tally_user, &t);
	json_object_set_new(answer, "users",
			    json_pack("{s:I, s:I, s:I}", "known",
				      (json_int_t)t.known, "registered",
				      (json_int_t)t.registered, "clear",
				      (json_int_t)t.clear));
	json_object_set_new(answer, "contacts",
			    json_integer((json_int_t)t.contacts));
	json_object_set_new(answer, "watchers",
			    json_integer((json_int_t)t.watchers));
	json_object_set_new(answer, "sets", json_integer((json_int_t)t.sets));
	json_object_set_new(answer, "pending",
			    json_integer((json_int_t)t.pending));
	json_object_set_new(answer, "lives", t.lives);
}

static int status(void *arg, const struct ims_ctl_req *req, json_t *answer,
		  struct ims_flaw *why)
{
	static const char *const securities[] = {"required", "allowed", "off"};
	const struct ims_ctl_core *c = arg;
	const struct ims_pcscf_conf *p = &c->conf->pcscf;
	json_t *pc = json_array();

	(void)req;
	(void)why;
	ims_ctl_put_self(answer, &c->self);
	for (size_t i = 0; i < p->n_port_pc; i++)
		json_array_append_new(pc, json_integer(p->port_pc[i]));
	json_object_set_new(answer, "roles",
			    json_pack("[s, s, s]", "p-cscf", "s-cscf", "hss"));
	json_object_set_new(answer, "listen", ims_ctl_addr(p->gm));
	json_object_set_new(answer, "port_ps", json_integer(p->port_ps));
	json_object_set_new(answer, "port_pc", pc);
	json_object_set_new(answer, "domain",
			    ims_ctl_text(ims_str(c->conf->scscf.domain)));
	json_object_set_new(answer, "security",
			    json_string(securities[p->security]));
	put_counts(c, answer);
	if (c->n_watchers)
		json_object_set_new(answer, "events_to",
				    json_integer((json_int_t)c->n_watchers(
					    c->n_arg)));
	json_object_set_new(answer, "counts", ims_ctl_stats_put(c->self.stats));
	return 0;
}

/* --- orders -------------------------------------------------------------- */

static int order(struct ims_ctl_core *c, enum ims_scscf_order what,
		 const struct ims_ctl_req *req, uint32_t seconds,
		 struct ims_flaw *why)
{
	int err =
		ims_run_core_order(c->core, what, ims_str(req->user), seconds);

	if (err == -IMS_E_NOTFOUND)
		return ims_flaw(why, -IMS_E_CTL_NOT_REG,
				"nobody is registered as %s", req->user);
	if (err == -IMS_E_UNKNOWN_USER)
		return ims_flaw(why, -IMS_E_USAGE,
				"%.120s is neither a public identity "
				"(sip:..., tel:...) nor a private one "
				"(user@realm)",
				req->user);
	return err ? ims_flaw(why, err, "%s", req->user) : 0;
}

static void put_user(json_t *answer, const struct ims_ctl_req *req)
{
	json_object_set_new(answer, "user", json_string(req->user));
}

static int dereg(void *arg, const struct ims_ctl_req *req, json_t *answer,
		 struct ims_flaw *why)
{
	static const enum ims_scscf_order orders[] = {
		[IMS_CTL_REJECTED] = IMS_SCSCF_DEREG_REJECTED,
		[IMS_CTL_DEACTIVATED] = IMS_SCSCF_DEREG_DEACTIVATED,
		[IMS_CTL_PROBATION] = IMS_SCSCF_DEREG_PROBATION,
	};
	enum ims_ctl_reason reason =
		req->given & IMS_CTL_K_REASON ? req->reason : IMS_CTL_REJECTED;
	bool timed = req->given & IMS_CTL_K_RETRY;
	int err;

	if (timed && reason != IMS_CTL_PROBATION)
		return ims_flaw(why, -IMS_E_USAGE,
				"\"retry_after_s\" goes with the reason "
				"probation only");
	err = order(arg, orders[reason], req, req->retry_after_s, why);
	if (err)
		return err;
	put_user(answer, req);
	json_object_set_new(answer, "reason",
			    json_string(ims_ctl_reasons[reason]));
	if (timed)
		json_object_set_new(answer, "retry_after_s",
				    json_integer(req->retry_after_s));
	return 0;
}

static int reauth(void *arg, const struct ims_ctl_req *req, json_t *answer,
		  struct ims_flaw *why)
{
	int err = order(arg, IMS_SCSCF_REAUTH, req, req->in_s, why);

	if (err)
		return err;
	put_user(answer, req);
	if (req->given & IMS_CTL_K_IN)
		json_object_set_new(answer, "in_s", json_integer(req->in_s));
	return 0;
}

/* --- the program itself -------------------------------------------------- */

static int set_log(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why)
{
	const struct ims_ctl_core *c = arg;

	(void)why;
	return ims_ctl_set_log(&c->self, req, answer);
}

static int stop(void *arg, const struct ims_ctl_req *req, json_t *answer,
		struct ims_flaw *why)
{
	const struct ims_ctl_core *c = arg;

	(void)req;
	(void)answer;
	(void)why;
	c->self.stop(c->self.arg);
	return 0;
}

static const struct ims_ctl_cmd cmds[] = {
	{"status", "what it is, how much it holds, what it counted", 0, 0,
	 status},
	{"bindings", "who is registered, where, and who watches", 0,
	 IMS_CTL_K_USER | IMS_CTL_K_SKIP | IMS_CTL_K_MAX,
	 ims_ctl_core_bindings},
	{"sas", "the SA sets with their counters", 0,
	 IMS_CTL_K_USER | IMS_CTL_K_SKIP | IMS_CTL_K_MAX, ims_ctl_core_sas},
	{"dereg", "throws a user out", IMS_CTL_K_USER,
	 IMS_CTL_K_REASON | IMS_CTL_K_RETRY, dereg},
	{"reauth", "has a user prove himself again", IMS_CTL_K_USER,
	 IMS_CTL_K_IN, reauth},
	{"log", "changes how much the log says", IMS_CTL_K_LEVEL, 0, set_log},
	{"stop", "ends the program in order", 0, 0, stop},
};

struct ims_ctl_cmds ims_ctl_core_cmds(struct ims_ctl_core *c)
{
	return (struct ims_ctl_cmds){.role = "core",
				     .cmd = cmds,
				     .n = sizeof cmds / sizeof *cmds,
				     .arg = c};
}
