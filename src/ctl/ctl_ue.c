/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_ue.c - what a running ue answers. */
#include "ctl_ue.h"

static const struct ims_ue *role(const struct ims_ctl_ue *c)
{
	return ims_run_ue_role(c->ue);
}

static struct ims_ue_info look(const struct ims_ctl_ue *c)
{
	struct ims_ue_info i;

	ims_ue_info(role(c), ims_ctl_now(&c->self), &i);
	return i;
}

static int status(void *arg, const struct ims_ctl_req *req, json_t *answer,
		  struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;
	struct ims_ue_info i = look(c);

	(void)req;
	(void)why;
	ims_ctl_put_self(answer, &c->self);
	json_object_set_new(answer, "registration", json_string(i.state));
	json_object_set_new(answer, "expires_s", json_integer(i.expires_s));
	json_object_set_new(answer, "impi", ims_ctl_text(ims_str(i.impi)));
	json_object_set_new(answer, "local", ims_ctl_addr(c->local));
	json_object_set_new(answer, "pcscf", ims_ctl_addr(i.pcscf));
	json_object_set_new(answer, "subscription", json_string(i.sub_state));
	json_object_set_new(answer, "sets", json_integer((json_int_t)i.n_sets));
	json_object_set_new(answer, "keep_alive",
			    json_pack("{s:I, s:I, s:I}", "every_s",
				      (json_int_t)i.keep_s, "sent",
				      (json_int_t)i.pings, "answered",
				      (json_int_t)i.pongs));
	json_object_set_new(answer, "counts", ims_ctl_stats_put(c->self.stats));
	return 0;
}

static int bindings(void *arg, const struct ims_ctl_req *req, json_t *answer,
		    struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;
	struct ims_ue_info i = look(c);
	json_t *impus = json_array();

	(void)req;
	(void)why;
	for (size_t k = 0; k < i.n_impus; k++)
		json_array_append_new(impus,
				      json_pack("{s:o, s:s, s:b}", "uri",
						ims_ctl_text(i.impu[k].uri),
						"state", i.impu[k].state,
						"default",
						i.impu[k].is_default));
	json_object_set_new(answer, "registration", json_string(i.state));
	json_object_set_new(answer, "impi", ims_ctl_text(ims_str(i.impi)));
	json_object_set_new(answer, "impus", impus);
	json_object_set_new(answer, "contact",
			    ims_ctl_text(ims_str(i.contact)));
	json_object_set_new(answer, "expires_s", json_integer(i.expires_s));
	json_object_set_new(answer, "service_route",
			    ims_ctl_text(i.service_route));
	json_object_set_new(answer, "gruu", ims_ctl_text(i.pub_gruu));
	json_object_set_new(answer, "temp_gruu", ims_ctl_text(i.temp_gruu));
	json_object_set_new(answer, "outbound", json_boolean(i.outbound));
	json_object_set_new(answer, "subscription",
			    json_pack("{s:s, s:I}", "state", i.sub_state,
				      "expires_s",
				      (json_int_t)i.sub_expires_s));
	return 0;
}

static struct ims_ipsec_sa sa(const struct ims_secagree_end *from,
			      uint16_t port, const struct ims_secagree_end *to,
			      uint16_t to_port, uint32_t spi)
{
	return (struct ims_ipsec_sa){
		.src = {from->ip, port},
		.dst = {to->ip, to_port},
		.spi = spi,
	};
}

static json_t *put_set(const struct ims_ctl_ue *c, const struct ims_ue_info *i,
		       const struct ims_ue_info_set *s)
{
	const struct ims_secagree_end *u = &s->ue, *p = &s->pcscf;
	const struct ims_ipsec_sa sas[IMS_N_ARROWS] = {
		[IMS_UC_TO_PS] = sa(u, u->port_c, p, p->port_s, p->spi_s),
		[IMS_PS_TO_UC] = sa(p, p->port_s, u, u->port_c, u->spi_c),
		[IMS_PC_TO_US] = sa(p, p->port_c, u, u->port_s, u->spi_s),
		[IMS_US_TO_PC] = sa(u, u->port_s, p, p->port_c, p->spi_c),
	};
	struct ims_ipsec_count n[IMS_N_ARROWS];
	struct ims_ctl_set set = {.id = s->id,
				  .impi = ims_str(i->impi),
				  .life = s->which,
				  .suite = s->suite,
				  .sa = sas,
				  .ends_s = s->ends_s};

	if (!ims_run_ue_count(c->ue, s->id, n))
		set.count = n;
	return ims_ctl_set(&set);
}

static int sas(void *arg, const struct ims_ctl_req *req, json_t *answer,
	       struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;
	struct ims_ue_info i = look(c);
	struct ims_ctl_page page = ims_ctl_page(req, IMS_UE_INFO_SETS);

	(void)why;
	for (size_t k = 0; k < i.n_sets; k++)
		if (ims_ctl_page_wants(&page))
			json_array_append_new(page.list,
					      put_set(c, &i, &i.set[k]));
	ims_ctl_page_put(&page, answer, "sets");
	return 0;
}

/* What comes of it is an event. */
static int refresh(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;

	(void)req;
	(void)why;
	json_object_set_new(answer, "was", json_string(ims_ue_state(role(c))));
	ims_run_ue_start(c->ue);
	json_object_set_new(answer, "registration",
			    json_string(ims_ue_state(role(c))));
	return 0;
}

static int address(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;
	int err = c->move(c->move_arg, req->addr, why);

	if (err)
		return err;
	json_object_set_new(answer, "local", ims_ctl_addr(c->local));
	json_object_set_new(answer, "registration",
			    json_string(ims_ue_state(role(c))));
	return 0;
}

static int set_log(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;

	(void)why;
	return ims_ctl_set_log(&c->self, req, answer);
}

static int stop(void *arg, const struct ims_ctl_req *req, json_t *answer,
		struct ims_flaw *why)
{
	const struct ims_ctl_ue *c = arg;

	(void)req;
	(void)answer;
	(void)why;
	c->self.stop(c->self.arg);
	return 0;
}

static const struct ims_ctl_cmd cmds[] = {
	{"status", "how the registration is, and what it counted", 0, 0,
	 status},
	{"bindings", "the identities, and where they are registered", 0, 0,
	 bindings},
	{"sas", "the SA sets with their counters", 0,
	 IMS_CTL_K_SKIP | IMS_CTL_K_MAX, sas},
	{"refresh", "registers again now", 0, 0, refresh},
	{"address", "goes to another address of this machine", IMS_CTL_K_ADDR,
	 0, address},
	{"log", "changes how much the log says", IMS_CTL_K_LEVEL, 0, set_log},
	{"stop", "de-registers and ends the program", 0, 0, stop},
};

struct ims_ctl_cmds ims_ctl_ue_cmds(struct ims_ctl_ue *c)
{
	return (struct ims_ctl_cmds){.role = "ue",
				     .cmd = cmds,
				     .n = sizeof cmds / sizeof *cmds,
				     .arg = c};
}
