/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo_conf.c - the seed's subscriber, ports and identities, both ends. */
#include "run_demo_priv.h"

#include "sip_msg.h"

#include <stdio.h>
#include <string.h>

#define SEED_IMPI IMS_DEMO_IMSI "@ims.sharetechnote.com"
#define SEED_IMPU "sip:" IMS_DEMO_IMSI "@ims.mnc01.mcc001.3gppnetwork.org"
#define SEED_DOMAIN "ims.sharetechnote.com"
#define SEED_REALM "ims.mnc01.mcc001.3gppnetwork.org"

void ims_demo_conf_default(struct ims_demo_conf *c)
{
	memset(c, 0, sizeof *c);
	c->family = 6;
	c->timeout_ms = 20000;
	c->rnd = ims_rand_system();
}

void ims_demo_addresses(struct demo *d)
{
	bool v6 = d->conf->family == 6;

	ims_ip_parse(v6 ? IMS_S("2001::1:d1ae:bb37:d9c9:81d0")
			: IMS_S("192.0.2.10"),
		     &d->ip_ue);
	ims_ip_parse(v6 ? IMS_S("2001:0:0:1::2") : IMS_S("192.0.2.1"),
		     &d->ip_core);
}

/* The seed's two offers with the older one chosen; or the one asked for. */
static struct ims_secagree_policy policy(const struct ims_demo_conf *c)
{
	struct ims_secagree_policy p = ims_secagree_policy_default();

	p.allow_deprecated = true;
	p.n_suites = 1;
	p.suites[0] = c->suite;
	if (!c->one_suite) {
		p.n_suites = 2;
		p.suites[0] = (struct ims_ipsec_suite){IMS_ALG_HMAC_MD5,
						       IMS_EALG_NULL};
		p.suites[1] = (struct ims_ipsec_suite){IMS_ALG_HMAC_SHA1,
						       IMS_EALG_NULL};
	}
	return p;
}

static void transports(const struct ims_demo_conf *c, struct ims_ue_conf *ue)
{
	ue->transport_register =
		c->transport == IMS_DEMO_UDP ? IMS_UE_UDP : IMS_UE_TCP;
	ue->transport_other =
		c->transport == IMS_DEMO_TCP ? IMS_UE_TCP : IMS_UE_UDP;
}

void ims_demo_ue_conf(const struct ims_demo_conf *conf, struct ims_ue_conf *ue)
{
	struct demo d = {.conf = conf};

	ims_demo_addresses(&d);
	ims_ue_conf_default(ue);
	snprintf(ue->impi, sizeof ue->impi, "%s", SEED_IMPI);
	snprintf(ue->impu, sizeof ue->impu, "%s", SEED_IMPU);
	snprintf(ue->domain, sizeof ue->domain, "%s", SEED_DOMAIN);
	snprintf(ue->instance, sizeof ue->instance,
		 "<urn:gsma:imei:35910506-000422-0>");
	snprintf(ue->contact_params, sizeof ue->contact_params,
		 ";+g.3gpp.smsip;+g.3gpp.icsi-ref="
		 "\"urn%%3Aurn-7%%3A3gpp-service.ims.icsi.mmtel\";video");
	snprintf(ue->access_info, sizeof ue->access_info,
		 "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100000000000");
	ue->local = (struct ims_addr){d.ip_ue, 5060};
	ue->pcscf[0] = (struct ims_addr){d.ip_core, 5060};
	ue->n_pcscf = 1;
	ue->offer = conf->offer;
	ue->policy = policy(conf);
	transports(conf, ue);
	ue->port_uc = 38003;
	ue->port_us = 39003;
	ue->spi10 = true;
	ue->expires = 600000;
	ue->subscribe = true;
	ue->reg_id = 1;
}

void ims_demo_core_conf(const struct ims_demo_conf *conf,
			struct ims_run_core_conf *c)
{
	struct demo d = {.conf = conf};

	ims_demo_addresses(&d);
	ims_pcscf_conf_default(&c->pcscf);
	ims_scscf_conf_default(&c->scscf);
	c->pcscf.gm = (struct ims_addr){d.ip_core, 5060};
	c->pcscf.port_ps = 50718;
	c->pcscf.port_pc[0] = 50717;
	c->pcscf.port_pc[1] = 50719;
	c->pcscf.n_port_pc = 2;
	c->pcscf.mw = (struct ims_addr){d.ip_core, 4060};
	c->pcscf.scscf = (struct ims_addr){d.ip_core, 6060};
	c->pcscf.policy = policy(conf);
	if (conf->transport != IMS_DEMO_TCP)
		c->pcscf.udp_max = IMS_SIP_MAX_LEN; /* the seed's 1402 bytes */
	snprintf(c->pcscf.network, sizeof c->pcscf.network, "%s", SEED_REALM);
	c->scscf.local = c->pcscf.scscf;
	snprintf(c->scscf.domain, sizeof c->scscf.domain, "%s", SEED_DOMAIN);
	snprintf(c->scscf.realm, sizeof c->scscf.realm, "%s", SEED_REALM);
	c->scscf.qop = true;
}

int ims_demo_subscriber(struct demo *d)
{
	static const uint8_t k[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
				      0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
				      0xcc, 0xdd, 0xee, 0xff};
	struct ims_sub sub = {.imsi = IMS_DEMO_IMSI, .impi = SEED_IMPI};
	int err = ims_aka_key_init(&d->key, IMS_AKA_XOR, k, sizeof k);

	if (err)
		return err;
	d->hss.store = ims_hss_mem_new();
	if (!d->hss.store)
		return -IMS_E_NOMEM;
	d->hss.scheme = ims_sqn_scheme_default();
	d->hss.rnd = d->conf->rnd;
	sub.key = d->key;
	sub.amf[0] = 0x80;
	sub.n_impus = 1;
	snprintf(sub.impu[0].uri, sizeof sub.impu[0].uri, "%s", SEED_IMPU);
	err = d->hss.store->ops->add(d->hss.store, &sub);
	ims_sub_wipe(&sub);
	return err;
}
