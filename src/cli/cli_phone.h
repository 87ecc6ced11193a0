/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_phone.h - the options of `imsreg ue` that say which phone it is: a
 * profile, and everything that a profile sets.
 */
#ifndef IMS_CLI_PHONE_H
#define IMS_CLI_PHONE_H

#include "cli_opt.h"
#include "ue_profile.h"

/* A command's struct has one of these. */
struct ims_cli_phone {
	char profile[16];
	unsigned transport, transport_other;
	uint32_t udp_max;
	struct ims_ue_conf ue; /* the profile's values, then the options' */
};

extern const char *const ims_cli_transports[]; /* auto, udp, tcp */
extern const char *const ims_cli_phone_joins[],
	*const ims_cli_phone_ports[], *const ims_cli_phone_rports[];

/* clang-format off */
#define IMS_CLI_PHONE_AT(type, m, member) \
	offsetof(struct type, m.member), sizeof((struct type *)0)->m.member
#define IMS_CLI_PHONE_UE(name, kind, type, m, member, words, arg, help) \
	{name, 0, IMS_OPT_##kind, IMS_CLI_PHONE_AT(type, m, ue.member), words, arg, help}
#define IMS_CLI_PHONE_FORM(name, kind, type, m, member, words, arg, help) \
	IMS_CLI_PHONE_UE(name, kind, type, m, form.member, words, arg, help)
#define IMS_CLI_PHONE_OPTS(t, m) \
	{"profile", 0, IMS_OPT_TEXT, IMS_CLI_PHONE_AT(t, m, profile), NULL, "NAME", \
	 "be this phone: samsung, qualcomm, ...; list: all of them"}, \
	{"transport", 't', IMS_OPT_WORD, IMS_CLI_PHONE_AT(t, m, transport), ims_cli_transports, NULL, \
	 "of REGISTER and all else; auto (default): TCP above udp-max"}, \
	{"transport-other", 0, IMS_OPT_WORD, IMS_CLI_PHONE_AT(t, m, transport_other), ims_cli_transports, NULL, \
	 "of all but REGISTER, if that is another"}, \
	{"udp-max", 0, IMS_OPT_U32, IMS_CLI_PHONE_AT(t, m, udp_max), NULL, "BYTES", \
	 "auto: longer ones, with what ESP adds, go by TCP (default 1300)"}, \
	{"expires", 'e', IMS_OPT_U32, IMS_CLI_PHONE_AT(t, m, ue.expires), NULL, "SECONDS", \
	 "lifetime asked for (default 600000)"}, \
	IMS_CLI_PHONE_UE("realm", TEXT, t, m, realm, NULL, "REALM", \
	 "of the first Authorization (default: the domain)"), \
	IMS_CLI_PHONE_UE("retry", FLAG, t, m, retry, NULL, NULL, \
	 "try again for ever if the first registration fails"), \
	IMS_CLI_PHONE_UE("reg-id", U32, t, m, reg_id, NULL, "N", \
	 "of this flow [RFC 5626] (default none)"), \
	IMS_CLI_PHONE_UE("gruu", FLAG, t, m, gruu, NULL, NULL, \
	 "ask for a GRUU [RFC 5627]; needs imei"), \
	IMS_CLI_PHONE_UE("outbound", FLAG, t, m, outbound, NULL, NULL, \
	 "Supported: outbound [RFC 5626]; needs imei and reg-id"), \
	IMS_CLI_PHONE_UE("keep", FLAG, t, m, keep, NULL, NULL, \
	 "offer keep-alives in Via [RFC 6223]"), \
	IMS_CLI_PHONE_UE("keep-alive", U32, t, m, keep_alive_s, NULL, "SECONDS", \
	 "send them unasked (default none)"), \
	IMS_CLI_PHONE_UE("user-agent", TEXT, t, m, user_agent, NULL, "TEXT", \
	 "User-Agent and Server (default imsreg)"), \
	IMS_CLI_PHONE_UE("features", TEXT, t, m, contact_params, NULL, "TEXT", \
	 "Contact parameters as written: ;+g.3gpp.smsip;video"), \
	IMS_CLI_PHONE_UE("clear-contact", FLAG, t, m, clear_contact, NULL, NULL, \
	 "the first Contact has the unprotected port"), \
	IMS_CLI_PHONE_UE("spi10", FLAG, t, m, spi10, NULL, NULL, \
	 "SPIs with ten digits"), \
	IMS_CLI_PHONE_FORM("mechanism", TEXT, t, m, mechanism, NULL, "TEXT", \
	 "one of Security-Client, with <alg> <ealg> <spi-c> ... in it"), \
	IMS_CLI_PHONE_FORM("join", WORD, t, m, join, ims_cli_phone_joins, NULL, \
	 "how mechanisms are joined (default blank)"), \
	IMS_CLI_PHONE_FORM("spi-from", U32, t, m, spi_from, NULL, "SPI", \
	 "least SPI (default: random)"), \
	IMS_CLI_PHONE_FORM("spi-to", U32, t, m, spi_to, NULL, "SPI", \
	 "greatest SPI (default: random)"), \
	IMS_CLI_PHONE_FORM("spi-next", FLAG, t, m, spi_next, NULL, NULL, \
	 "spi-s is spi-c + 1"), \
	IMS_CLI_PHONE_FORM("ports", WORD, t, m, ports, ims_cli_phone_ports, NULL, \
	 "how both ports go together (default any)"), \
	IMS_CLI_PHONE_FORM("uc-from", U16, t, m, uc_from, NULL, "PORT", \
	 "least client port (default 32768)"), \
	IMS_CLI_PHONE_FORM("uc-to", U16, t, m, uc_to, NULL, "PORT", \
	 "greatest client port (default 60999)"), \
	IMS_CLI_PHONE_FORM("us-from", U16, t, m, us_from, NULL, "PORT", \
	 "least server port (default 32768)"), \
	IMS_CLI_PHONE_FORM("us-to", U16, t, m, us_to, NULL, "PORT", \
	 "greatest server port (default 60999)"), \
	IMS_CLI_PHONE_FORM("us-step", U16, t, m, us_step, NULL, "N", \
	 "server ports are us-from and multiples of it (default 1)"), \
	IMS_CLI_PHONE_FORM("header-order", TEXT, t, m, order, NULL, "NAMES", \
	 "of REGISTER: Via,From,To,... (the rest follows)"), \
	IMS_CLI_PHONE_FORM("compact", FLAG, t, m, compact, NULL, NULL, \
	 "short names: f t i v m k l"), \
	IMS_CLI_PHONE_FORM("no-route", FLAG, t, m, no_route, NULL, NULL, \
	 "no Route in REGISTER"), \
	IMS_CLI_PHONE_FORM("early-via", FLAG, t, m, early_via, NULL, NULL, \
	 "the first Via has the server port"), \
	IMS_CLI_PHONE_FORM("bare-contact", FLAG, t, m, bare_contact, NULL, NULL, \
	 "Contact without user part"), \
	IMS_CLI_PHONE_FORM("instance-first", FLAG, t, m, instance_first, NULL, NULL, \
	 "+sip.instance before the features"), \
	IMS_CLI_PHONE_FORM("expires-header", FLAG, t, m, expires_header, NULL, NULL, \
	 "Expires instead of a Contact parameter"), \
	IMS_CLI_PHONE_FORM("new-tag", FLAG, t, m, new_tag, NULL, NULL, \
	 "each REGISTER has a new From tag"), \
	IMS_CLI_PHONE_FORM("big-cseq", FLAG, t, m, big_cseq, NULL, NULL, \
	 "CSeq starts anywhere"), \
	IMS_CLI_PHONE_FORM("host-call-id", FLAG, t, m, host_call_id, NULL, NULL, \
	 "Call-ID of REGISTER ends with @ and our address"), \
	IMS_CLI_PHONE_FORM("access-clear", FLAG, t, m, access_clear, NULL, NULL, \
	 "P-Access-Network-Info outside of SAs, too"), \
	IMS_CLI_PHONE_FORM("rport", WORD, t, m, rport, ims_cli_phone_rports, NULL, \
	 "in Via: over UDP in the clear (default clear)"), \
	IMS_CLI_PHONE_FORM("supported", TEXT, t, m, supported, NULL, "TAGS", \
	 "order and form of Supported"), \
	IMS_CLI_PHONE_FORM("allow", TEXT, t, m, allow, NULL, "METHODS", \
	 "Allow of requests (default NOTIFY,OPTIONS)"), \
	IMS_CLI_PHONE_FORM("auth-order", TEXT, t, m, auth_order, NULL, "NAMES", \
	 "of Authorization: uri,username,... (the rest follows)"), \
	IMS_CLI_PHONE_FORM("no-algorithm", FLAG, t, m, no_algorithm, NULL, NULL, \
	 "none in the first Authorization"), \
	IMS_CLI_PHONE_FORM("auth-int", FLAG, t, m, auth_int, NULL, NULL, \
	 "prefer qop auth-int"), \
	IMS_CLI_PHONE_FORM("verify-noq", FLAG, t, m, verify_noq, NULL, NULL, \
	 "Security-Verify without q, for networks that want it so"), \
	IMS_CLI_PHONE_FORM("register-uri", TEXT, t, m, register_uri, NULL, "URI", \
	 "of REGISTER; realm: the challenge's (default: the domain)"), \
	IMS_CLI_PHONE_FORM("fallback", TEXT, t, m, fallback, NULL, "CODES", \
	 "answers after which sec-agree is given up: 406,403")
/* clang-format on */

/* Before the options are read: our defaults, or those of that profile ("": the
 * default).  0 or the exit status of what was printed.
 */
int ims_cli_phone_begin(const char *command, const char *profile,
			struct ims_cli_phone *p);
/* After: p->ue gets what stands beside it.  `was` is what begin had made. */
int ims_cli_phone_end(const char *command, struct ims_cli_phone *p,
		      const struct ims_cli_phone *was);
/* The table of profiles, for a reader. */
void ims_cli_phone_list(void);

#endif
