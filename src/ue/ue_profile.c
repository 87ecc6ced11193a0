/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_profile.c - be this phone: the table of makers.
 *
 * After a value stands where it comes from: [s04] and the like are lines of a
 * collection of Security-Client headers from public logs, [msg] a whole
 * REGISTER of that maker in such a log, [settings] published operator settings,
 * [source] published source.  Two samples make no range: where one is given
 * it is what holds them.
 */
#include "ue_profile.h"

#include <string.h>

#define MMTEL "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""
#define MD5(e)                                 \
	{                                      \
		IMS_ALG_HMAC_MD5, IMS_EALG_##e \
	}
#define SHA1(e)                                 \
	{                                       \
		IMS_ALG_HMAC_SHA1, IMS_EALG_##e \
	}
#define SIX_MD5_FIRST                                                   \
	MD5(DES_EDE3_CBC), MD5(AES_CBC), MD5(NULL), SHA1(DES_EDE3_CBC), \
		SHA1(AES_CBC), SHA1(NULL)
#define SIX_SHA1_FIRST                                                    \
	SHA1(DES_EDE3_CBC), SHA1(AES_CBC), SHA1(NULL), MD5(DES_EDE3_CBC), \
		MD5(AES_CBC), MD5(NULL)

/* Texts as pointers, so that a row holds what it says and no more. */
struct row {
	const char *name, *about;
	struct ims_ipsec_suite suites[IMS_N_SUITES];
	size_t n_suites; /* 0: the policy stays */
	enum ims_ue_transport transport_register, transport_other;
	size_t udp_max;
	uint32_t expires, reg_id;
	bool spi10, clear_contact, gruu, outbound, keep;
	const char *agent, *features;
	const char *mechanism, *order, *supported, *allow, *auth_order,
		*fallback;
	struct ims_ue_form form; /* without its texts */
};

/* clang-format off */
#define MECH_SAMSUNG "ipsec-3gpp;prot=esp;mod=trans;spi-c=<spi-c>;" \
	"spi-s=<spi-s>;port-c=<port-c>;port-s=<port-s>;alg=<alg>;ealg=<ealg>"
#define MECH_LG "ipsec-3gpp;alg=<alg>;prot=esp;mod=trans;ealg=<ealg>;" \
	"spi-c=<spi-c>;spi-s=<spi-s>;port-c=<port-c>;port-s=<port-s>"
#define ALLOW_LG \
	"INVITE,BYE,CANCEL,ACK,NOTIFY,UPDATE,REFER,PRACK,INFO,MESSAGE"
#define ORDER_LG "Max-Forwards,Route,Via,Call-ID,CSeq,From,To,Supported," \
	"Require,Allow,Authorization,Security-Client,Security-Verify,Contact," \
	"P-Access-Network-Info,Proxy-Require,User-Agent,Content-Length"
#define ORDER_SAMSUNG "Via,Max-Forwards,Proxy-Require,Require,Contact,To," \
	"From,Call-ID,CSeq,Expires,Allow,Supported,User-Agent,Authorization," \
	"Security-Client,Security-Verify,P-Access-Network-Info,Content-Length"
#define ALLOW_SAMSUNG "INVITE, ACK, OPTIONS, CANCEL, BYE, UPDATE, INFO, " \
	"REFER, NOTIFY, MESSAGE, PRACK"

#define SAMSUNG_COMMON                                                        \
	.transport_register = IMS_UE_AUTO, /* [settings] udp-preferred 512 of 547 */ \
	.transport_other = IMS_UE_AUTO,                                       \
	.udp_max = 1500,             /* [settings] mss_size, the most common */ \
	.expires = 600000,           /* [settings] 481 of 547 */              \
	.clear_contact = true,       /* 24.229 5.1.1.2.2 */                   \
	.gruu = true,                /* [msg] SM-G975W */                     \
	.features = ";q=1.0;" MMTEL ";+g.3gpp.smsip", /* [msg] SM-G975W */    \
	.mechanism = MECH_SAMSUNG,   /* [s01 s02 s03 s04 s10] */              \
	.order = ORDER_SAMSUNG,      /* [msg] SM-G975W */                     \
	.supported = "path, gruu, sec-agree",                                 \
	.allow = ALLOW_SAMSUNG,                                               \
	.auth_order = "username,realm,uri,nonce,response,algorithm,nc,qop,cnonce", \
	.form = {                                                             \
		.join = IMS_UE_JOIN_BLANK,       /* [s02 s03 s04 s10] */      \
		.spi_from = 10000, .spi_to = 99999, /* [s01-s04 s10] 14565..74618 */ \
		.spi_next = true,                /* [s01-s04 s10] */          \
		.ports = IMS_UE_PORTS_UC_NEXT,   /* [s01-s04] us + 1, [s10] + 2 later */ \
		.us_from = 6000, .us_to = 8900, .us_step = 100, /* 6100..8800 */ \
		.no_route = true, .instance_first = true,                     \
		.expires_header = true, .host_call_id = true,                 \
		.rport = IMS_UE_RPORT_ALWAYS,    /* [msg] SM-G975W */         \
	}

#define LG_COMMON                                                             \
	.transport_register = IMS_UE_TCP, /* the trace we started from */     \
	.transport_other = IMS_UE_UDP,                                        \
	.udp_max = IMS_TXN_UDP_MAX,                                           \
	.expires = 600000,                                                    \
	.reg_id = 1, .gruu = true, .outbound = true,                          \
	.spi10 = true,               /* [s14] */                              \
	.features = ";+g.3gpp.smsip;" MMTEL ";video",                         \
	.mechanism = MECH_LG,        /* [s14] */                              \
	.order = ORDER_LG,                                                    \
	.supported = "path,eventlist,sec-agree,gruu,outbound",                \
	.allow = ALLOW_LG

static const struct row rows[] = {
{
	.name = "default",
	.about = "our own way: Route to the P-CSCF, port_us in every Contact",
	.transport_register = IMS_UE_AUTO, .transport_other = IMS_UE_AUTO,
	.udp_max = IMS_TXN_UDP_MAX,
	.expires = 600000,
	.agent = "imsreg", .features = "",
}, {
	.name = "3gpp",
	.about = "by the clauses: TS 24.229 5.1.1.2.2, TS 33.203, RFC 6223",
	.transport_register = IMS_UE_AUTO, .transport_other = IMS_UE_AUTO,
	.udp_max = IMS_TXN_UDP_MAX,   /* RFC 3261 18.1.1 */
	.expires = 600000,            /* 24.229 5.1.1.2.1 */
	.clear_contact = true,        /* 24.229 5.1.1.2.2 */
	.gruu = true, .keep = true,   /* 24.229 5.1.1.2.1 */
	.spi10 = true,                /* 33.203 Annex H: 10DIGIT */
	.agent = "imsreg",
	.features = ";" MMTEL ";+g.3gpp.smsip",
	.mechanism = MECH_LG,
	.form = {.no_route = true},   /* 34.229-1 A.1.1 */
}, {
	.name = "seed",
	.about = "LG test client, IMS TestClient/4.0.0 H81110t",
	.suites = {MD5(NULL), SHA1(NULL)}, .n_suites = 2, /* [s14] */
	LG_COMMON,
	.agent = "IMS TestClient/4.0.0 H81110t",
	.form = {
		.join = IMS_UE_JOIN_BLANK,
		.spi_from = 100000, .spi_to = 999999, .spi_next = true, /* [s14] 565817 */
		.ports = IMS_UE_PORTS_US_1000, .uc_from = 38001, .uc_to = 39000, /* [source] */
		.new_tag = true,
		.host_call_id = true,
	},
}, {
	.name = "aosp",
	.about = "AOSP ImsStack: all pairs, ports 38001.. and 1000 above",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6, /* [source] all; order of [s04] */
	LG_COMMON,
	.form = {
		.join = IMS_UE_JOIN_COMMA,
		.spi_from = 100000, .spi_to = 999999, .spi_next = true, /* [source] */
		.ports = IMS_UE_PORTS_US_1000, .uc_from = 38001, .uc_to = 39000, /* [source] */
		.new_tag = true, .host_call_id = true,
	},
}, {
	.name = "aosp-vzw",
	.about = "AOSP ImsStack for Verizon: ports 65000..65009",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6,
	LG_COMMON,
	.form = {
		.join = IMS_UE_JOIN_COMMA,
		.spi_from = 100000, .spi_to = 999999, .spi_next = true,
		.uc_from = 65000, .uc_to = 65004, .us_from = 65005, .us_to = 65009, /* [source] */
		.new_tag = true, .host_call_id = true,
	},
}, {
	.name = "aosp-kr",
	.about = "AOSP ImsStack for KT, SKT, LGU+: without IPsec after a 406",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6,
	LG_COMMON,
	.fallback = "406",            /* [source] reg_retry_err_code_without_ipsec */
	.form = {
		.join = IMS_UE_JOIN_COMMA,
		.spi_from = 100000, .spi_to = 999999, .spi_next = true,
		.ports = IMS_UE_PORTS_US_1000, .uc_from = 38001, .uc_to = 39000,
		.new_tag = true, .host_call_id = true,
	},
}, {
	.name = "samsung",
	.about = "Samsung phones: six pairs, port_uc above port_us",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6, /* [s02 s04] */
	SAMSUNG_COMMON,
	.agent = "SM-G975W-G975WVLU4FUA2 6.0", /* [msg] */
}, {
	.name = "samsung-null",
	.about = "Samsung where the operator wants no encryption (SM-G975W)",
	.suites = {MD5(NULL), SHA1(NULL)}, .n_suites = 2, /* [s03 s10] */
	SAMSUNG_COMMON,
	.agent = "SM-G975W-G975WVLU4FUA2 6.0", /* [msg] */
}, {
	.name = "samsung-fix",
	.about = "Samsung with the fixed protected ports 5000 and 6000",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6,
	.transport_register = IMS_UE_AUTO, .transport_other = IMS_UE_AUTO,
	.udp_max = 1500, .expires = 600000,
	.clear_contact = true, .gruu = true,
	.agent = "SM-G975W-G975WVLU4FUA2 6.0",
	.features = ";q=1.0;" MMTEL ";+g.3gpp.smsip",
	.mechanism = MECH_SAMSUNG, .order = ORDER_SAMSUNG,
	.supported = "path, gruu, sec-agree", .allow = ALLOW_SAMSUNG,
	.auth_order = "username,realm,uri,nonce,response,algorithm,nc,qop,cnonce",
	.form = {
		.spi_from = 10000, .spi_to = 99999, .spi_next = true,
		.uc_from = 5000, .uc_to = 5000, .us_from = 6000, .us_to = 6000, /* [settings] */
		.no_route = true, .instance_first = true,
		.expires_header = true, .host_call_id = true,
		.rport = IMS_UE_RPORT_ALWAYS,
	},
}, {
	.name = "qualcomm",
	.about = "Qualcomm stack (Xiaomi and others): compact headers, TCP",
	.suites = {SIX_MD5_FIRST}, .n_suites = 6, /* [s05 s06] */
	.transport_register = IMS_UE_TCP, .transport_other = IMS_UE_TCP, /* [msg] */
	.udp_max = IMS_TXN_UDP_MAX,
	.expires = 600000,            /* [msg] */
	.features = ";" MMTEL ";+g.3gpp.smsip;video", /* [msg] */
	.agent = "",                  /* [msg] none */
	.mechanism = "ipsec-3gpp; alg=<alg>; ealg=<ealg>; spi-c=<spi-c>; "
		"spi-s=<spi-s>; port-c=<port-c>; port-s=<port-s>", /* [s05 s06] */
	.order = "From,To,CSeq,Call-ID,Via,Max-Forwards,Contact,"
		"P-Access-Network-Info,Security-Verify,Content-Length,"
		"Authorization,Expires,Require,Proxy-Require,Supported,Allow,"
		"Security-Client",    /* [msg] */
	.supported = "path,sec-agree",
	.allow = "INVITE,BYE,CANCEL,ACK,NOTIFY,UPDATE,PRACK,INFO,MESSAGE,OPTIONS",
	.auth_order = "uri,username,response,realm,nonce", /* [msg] */
	.form = {
		.join = IMS_UE_JOIN_COMMA,    /* [s05 s06] */
		.spi_from = 256, .spi_to = UINT32_MAX, /* [s05] above 2^31 */
		.compact = true, .no_route = true,
		.early_via = true, .instance_first = true,
		.expires_header = true, .new_tag = true, .big_cseq = true,
		.host_call_id = true, .no_algorithm = true,
		.rport = IMS_UE_RPORT_NO,
	},
}, {
	.name = "huawei",
	.about = "Huawei chip (HW-Rto): SHA-1 first, UDP whatever the length",
	.suites = {SIX_SHA1_FIRST}, .n_suites = 6, /* [s08 s09] */
	.transport_register = IMS_UE_UDP, .transport_other = IMS_UE_UDP, /* [msg] */
	.udp_max = 65535,
	.expires = 600000,            /* [msg] */
	.clear_contact = true,        /* [msg] port 5060 */
	.features = ";+g.3gpp.accesstype=\"cellular2\";audio;+g.3gpp.smsip;" MMTEL,
	.agent = "IM-client/OMA1.0 HW-Rto/V1.0", /* [msg] */
	.mechanism = MECH_LG,         /* [s08 s09] */
	.order = "To,From,Contact,Expires,P-Access-Network-Info,Supported,Allow,"
		"Require,Proxy-Require,Security-Client,Security-Verify,"
		"Authorization,Call-ID,CSeq,Max-Forwards,Via,User-Agent,"
		"Content-Length",     /* [msg] */
	.supported = "path,sec-agree",
	.allow = "INVITE,ACK,OPTIONS,BYE,CANCEL,UPDATE,PRACK,NOTIFY,MESSAGE,REFER",
	.auth_order = "username,realm,uri,nonce,response", /* [msg] */
	.form = {
		.join = IMS_UE_JOIN_COMMA,    /* [s08 s09] */
		.spi_from = 10000000, .spi_to = 99999999, /* [s08 s09] 26157848..69326023 */
		.uc_from = 31100, .uc_to = 31499, /* [s08 s09] 31100, 31422 */
		.us_from = 31500, .us_to = 31899, /* [s08 s09] 31800, 31892 */
		.no_route = true, .instance_first = true,
		.expires_header = true, .new_tag = true, .host_call_id = true,
		.access_clear = true, .no_algorithm = true,
		.rport = IMS_UE_RPORT_ALWAYS, /* [msg] */
	},
}, {
	.name = "zte",
	.about = "ZTE A2022P (nokia_nokia): one pair, Contact without user",
	.suites = {MD5(AES_CBC)}, .n_suites = 1, /* [s07] */
	.transport_register = IMS_UE_TCP, .transport_other = IMS_UE_TCP, /* [msg] */
	.udp_max = IMS_TXN_UDP_MAX,
	.expires = 600000,            /* [msg] */
	.clear_contact = true,        /* [msg] port 5060 */
	.features = ";+g.3gpp.accesstype=\"cellular2\";audio;+g.3gpp.smsip;"
		"video;" MMTEL,
	.agent = "nokia_nokia A2022P_RKQ1.210503.001", /* [msg] */
	.mechanism = "ipsec-3gpp;alg=<alg>;ealg=<ealg>;spi-c=<spi-c>;"
		"spi-s=<spi-s>;port-c=<port-c>;port-s=<port-s>", /* [s07] */
	.order = "Via,From,To,Call-ID,CSeq,Max-Forwards,Contact,Expires,Require,"
		"Proxy-Require,Supported,Allow,Authorization,User-Agent,"
		"P-Access-Network-Info,Security-Client,Security-Verify,"
		"Content-Length",     /* [msg] */
	.supported = "path,sec-agree",
	.allow = "INVITE,BYE,CANCEL,ACK,NOTIFY,UPDATE,PRACK,INFO,MESSAGE,OPTIONS",
	.auth_order = "uri,username,response,realm,nonce", /* [msg] */
	.form = {
		.join = IMS_UE_JOIN_COMMA,
		.spi_from = 256, .spi_to = UINT32_MAX, /* [s07] 73991669, 3963789885 */
		.uc_from = 42000, .uc_to = 42999, .us_from = 43000, .us_to = 43999,
		.no_route = true, .bare_contact = true,
		.expires_header = true, .big_cseq = true, .host_call_id = true,
		.no_algorithm = true,
		.rport = IMS_UE_RPORT_NO,
	},
}, {
	.name = "phh",
	.about = "phhusson/ims, the open stack of Android: SHA-1 with null only",
	.suites = {SHA1(NULL)}, .n_suites = 1, /* [s12] */
	.transport_register = IMS_UE_TCP, .transport_other = IMS_UE_TCP,
	.udp_max = IMS_TXN_UDP_MAX,
	.expires = 600000,
	.features = ";" MMTEL ";+g.3gpp.smsip",
	.agent = "",
	.mechanism = "ipsec-3gpp;prot=esp;mod=trans;spi-c=<spi-c>;"
		"spi-s=<spi-s>;port-c=<port-c>;port-s=<port-s>;ealg=<ealg>;"
		"alg=<alg>",          /* [s12] */
	.form = {.no_route = true, .expires_header = true},
}, {
	.name = "apple",
	.about = "iPhone: REGISTER over TCP, all else over UDP; rest as 3gpp",
	.transport_register = IMS_UE_TCP, /* seen by others: registers by TCP */
	.transport_other = IMS_UE_UDP,    /* ... and sends MESSAGE by UDP */
	.udp_max = IMS_TXN_UDP_MAX,
	.expires = 600000,
	.clear_contact = true,
	.features = ";" MMTEL ";+g.3gpp.smsip",
	.agent = "",
	.form = {.no_route = true},
},
};
/* clang-format on */
#define N_ROWS (sizeof rows / sizeof *rows)

const char *ims_ue_profile_name(size_t i)
{
	return i < N_ROWS ? rows[i].name : NULL;
}

const char *ims_ue_profile_about(size_t i)
{
	return i < N_ROWS ? rows[i].about : NULL;
}

static const struct row *find(struct ims_str name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (ims_str_eq(name, ims_str(rows[i].name)))
			return &rows[i];
	return NULL;
}

/* All of them fit: the test sees to it. */
static void copy(char *dst, size_t cap, const char *text)
{
	dst[0] = '\0';
	if (text)
		ims_str_copy(dst, cap, ims_str(text));
}

static void set_texts(struct ims_ue_conf *c, const struct row *r)
{
	struct ims_ue_form *f = &c->form;

	copy(c->user_agent, sizeof c->user_agent, r->agent);
	copy(c->contact_params, sizeof c->contact_params, r->features);
	copy(f->profile, sizeof f->profile, r->name);
	copy(f->mechanism, sizeof f->mechanism, r->mechanism);
	copy(f->order, sizeof f->order, r->order);
	copy(f->supported, sizeof f->supported, r->supported);
	copy(f->allow, sizeof f->allow, r->allow);
	copy(f->auth_order, sizeof f->auth_order, r->auth_order);
	copy(f->fallback, sizeof f->fallback, r->fallback);
}

int ims_ue_profile(struct ims_ue_conf *c, struct ims_str name)
{
	const struct row *r = find(name);

	if (!r)
		return -IMS_E_NOTFOUND;
	c->policy = ims_secagree_policy_default();
	if (r->n_suites) {
		memcpy(c->policy.suites, r->suites, sizeof r->suites);
		c->policy.n_suites = r->n_suites;
		c->policy.allow_deprecated = true;
	}
	c->transport_register = r->transport_register;
	c->transport_other = r->transport_other;
	c->udp_max = r->udp_max;
	c->expires = r->expires;
	c->reg_id = r->reg_id;
	c->spi10 = r->spi10;
	c->clear_contact = r->clear_contact;
	c->gruu = r->gruu;
	c->outbound = r->outbound;
	c->keep = r->keep;
	c->form = r->form;
	set_texts(c, r);
	return 0;
}
