/* SPDX-License-Identifier: BSD-2-Clause */
/* base_err.h - every way to fail, one list.
 *
 * Functions return 0 or a negative code, -IMS_E_...; on failure no output is
 * touched.  Each code has a stable id that scripts may match ("aka.mac"), the
 * exit status that the program ends with, one sentence, the likely cause, and
 * what to do next.
 */
#ifndef IMS_BASE_ERR_H
#define IMS_BASE_ERR_H

/* Exit statuses of the program. */
enum ims_exit {
	IMS_EXIT_OK = 0,
	IMS_EXIT_FAILED = 1, /* at least one failed, or a finding */
	IMS_EXIT_USAGE = 2,
	IMS_EXIT_CONFIG = 3,
	IMS_EXIT_REFUSED = 4,  /* the network refused the user */
	IMS_EXIT_MAC = 5,      /* the user refused the network: AUTN MAC */
	IMS_EXIT_SQN = 6,      /* SQN not recoverable */
	IMS_EXIT_SILENCE = 7,  /* no answer */
	IMS_EXIT_IPSEC = 8,    /* IPsec could not be set up */
	IMS_EXIT_RIGHTS = 9,   /* permission or device missing */
	IMS_EXIT_PEER = 10,    /* the peer broke the protocol */
	IMS_EXIT_HERE = 77,    /* not possible on this machine */
	IMS_EXIT_SIGNAL = 130, /* interrupted */
};

/* X(name, id, exit, what happened, likely cause, what to do next) */
/* clang-format off */
#define IMS_ERRORS(X) \
X(NOMEM, "sys.no-memory", FAILED, "out of memory", \
  "the machine or a limit", "raise the limit or lower the load") \
X(SYS, "sys.call", FAILED, "a system call failed", \
  "see the message", "see the message") \
X(RIGHTS, "sys.rights", RIGHTS, "permission refused", \
  "the program lacks a capability", \
  "run it as root or give it CAP_NET_ADMIN and CAP_NET_RAW") \
X(NODEV, "sys.no-device", RIGHTS, "a device is missing", \
  "/dev/net/tun is not there or not usable", \
  "load the tun module, or use --ipsec kernel") \
X(PORT, "sys.port-taken", CONFIG, "the address or port is in use", \
  "another program listens there", "stop it or choose another port") \
X(ADDR, "sys.address", CONFIG, "the address is not on this machine", \
  "it is another machine's, or its interface is down", "ip address shows those of this machine") \
X(USAGE, "cli.usage", USAGE, "wrong use", \
  "see the message", "imsreg help COMMAND") \
X(CONFIG, "cli.config", CONFIG, "the configuration is wrong", \
  "see file, line and column", "mend the line named") \
X(SYNTAX, "text.syntax", PEER, "not well-formed", \
  "see the message", "see the message") \
X(RANGE, "text.range", PEER, "a number is out of range", \
  "see the message", "see the message") \
X(LENGTH, "text.length", USAGE, "wrong length", \
  "digits are missing or too many", "count them") \
X(TOOBIG, "text.too-big", PEER, "too big", \
  "more than the limit allows", "see the message") \
X(NOFILE, "sys.no-file", FAILED, "a file is missing", \
  "the path is wrong", "check the path") \
X(NOTFOUND, "store.not-found", FAILED, "not there", \
  "it was never added, or deleted", "imsreg sub list") \
X(EXISTS, "store.exists", FAILED, "already there", \
  "it was added before", "imsreg sub set, or del first") \
X(STORE, "store.failed", FAILED, "the database refused", \
  "disk full, file not writable or damaged", \
  "check path, rights and disk, or put back a copy of the file") \
X(IN_USE, "store.in-use", CONFIG, "another imsreg works with this file", \
  "a core or UE that runs", "stop it, or give this one a file of its own") \
X(SIP, "sip.malformed", PEER, "the SIP message is malformed", \
  "the peer, or something between", "see the header named") \
X(SIP_VERSION, "sip.version", PEER, "not SIP/2.0", \
  "the peer speaks another version", "see the message") \
X(SIP_FRAMING, "sip.framing", PEER, "the stream cannot be framed", \
  "Content-Length is missing or wrong", "see the message") \
X(ALGO, "crypto.algorithm", HERE, "an algorithm is not available", \
  "the crypto library does not offer it", "check its providers") \
X(AKA_MAC, "aka.mac", MAC, "the network's AUTN MAC is wrong", \
  "K or OP/OPc differ between USIM and HSS", \
  "imsreg aka --nonce ... with both keys") \
X(AKA_SQN, "aka.sqn", SQN, "SQN is out of range", \
  "another HSS or a restored database uses the same card", \
  "let it resynchronise once; if it stays, compare IND and SQN scheme") \
X(AKA_AUTS, "aka.auts", REFUSED, "AUTS is not genuine", \
  "K or OP/OPc differ, or AUTS belongs to another RAND", "imsreg aka --auts ...") \
X(AKA_NONCE, "aka.nonce", PEER, "the nonce is not RAND||AUTN in base64", \
  "the challenge is not AKA, or was cut short", "imsreg aka --nonce ...") \
X(AKA_RES, "aka.res", REFUSED, "the digest response is wrong", \
  "RES differs: wrong key, or another username, realm or uri was hashed", \
  "imsreg aka --nonce ... --username ... --realm ... --uri ...") \
X(OP_AS_OPC, "key.op-used-as-opc", MAC, "the key fits when the OPc is taken for an OP", \
  "an OP was stored where an OPc belongs", "store it with --op instead of --opc") \
X(OPC_AS_OP, "key.opc-used-as-op", MAC, "the key fits when the OP is taken for an OPc", \
  "an OPc was stored where an OP belongs", "store it with --opc instead of --op") \
X(NO_MECH, "secagree.no-common-alg", REFUSED, "no algorithm pair in common", \
  "the offers of UE and P-CSCF do not meet, or policy forbids the pair", \
  "compare Security-Client and Security-Server; --alg, --ealg, --allow-deprecated") \
X(VERIFY, "secagree.verify-mismatch", REFUSED, "Security-Verify differs from the Security-Server that was sent", \
  "somebody changed the list on the way, or the UE echoes it wrongly", "compare the two headers") \
X(CLIENT_CHANGED, "secagree.client-changed", REFUSED, "Security-Client changed between the two REGISTERs", \
  "somebody changed it on the way, or the UE made a new one", "compare the two headers") \
X(NO_AGREEMENT, "secagree.missing", REFUSED, "sec-agree is demanded but was not offered", \
  "the UE does not ask for IPsec", "switch it on in the UE, or allow clear text in the P-CSCF") \
X(NO_SERVER, "secagree.no-server", PEER, "the 401 has no usable Security-Server", \
  "the P-CSCF does not do IPsec, or sends too little", "look at its Security-Server") \
X(SEC_PARAM, "secagree.parameter", PEER, "a parameter of the security mechanism is missing or not allowed", \
  "see the parameter named", "see TS 33.203 Annex H") \
X(IPSEC, "ipsec.refused", IPSEC, "the SA could not be installed", \
  "see the message", "imsreg ... --ipsec userspace") \
X(NO_ESP, "ipsec.no-kernel-esp", IPSEC, "this kernel has no ESP", \
  "esp4/esp6 are not built or not loaded", "--ipsec userspace, or load esp4 and esp6") \
X(SPI_TAKEN, "ipsec.spi-taken", IPSEC, "the SPI is in use", \
  "another IPsec daemon, or a left-over SA", "ip xfrm state") \
X(NO_SPI, "ipsec.none-left", REFUSED, "no SPI or protected port is left", \
  "too many registrations are pending", "raise the limits or wait") \
X(ESP_SHORT, "esp.malformed", PEER, "the ESP packet is malformed", \
  "see the message", "capture it") \
X(ESP_SPI, "esp.unknown-spi", PEER, "no SA has this SPI", \
  "the peer kept an SA that we dropped", "register anew") \
X(ESP_ICV, "esp.icv", PEER, "the ESP integrity check failed", \
  "the keys differ (CK/IK), or the packet was changed", "imsreg aka --nonce ...") \
X(ESP_REPLAY, "esp.replay", PEER, "the ESP sequence number was seen before", \
  "a packet was replayed or duplicated", "nothing, if it is rare") \
X(ESP_SELECTOR, "esp.selector", PEER, "addresses or ports do not belong to the SA", \
  "the peer sends other traffic through it", "compare the ports with Security-Client and -Server") \
X(CLEAR, "flow.clear", PEER, "clear text where only ESP is allowed", \
  "the peer does not protect its messages", "look at its IPsec set-up") \
X(REFUSED, "reg.refused", REFUSED, "the network refused the registration", \
  "unknown or barred subscriber, or wrong response", "imsreg sub show IMSI at the core") \
X(UNAVAIL, "reg.unavailable", REFUSED, "the network cannot serve now", \
  "overload, or something behind the P-CSCF fails", \
  "try again later; look at the core's log") \
X(ENDED, "reg.ended", REFUSED, "the network ended the registration", \
  "it expired there, or an operator or another device ended it", \
  "register again; look at the core's log") \
X(SILENCE, "reg.no-answer", SILENCE, "no answer", \
  "wrong address, a firewall, or the peer dropped the ESP", \
  "check the address; ip xfrm state and counters at the peer") \
X(ROUTE, "sys.no-route", SILENCE, "there is no way to that address", \
  "wrong address, its network has no route, or an interface is down", \
  "ip route get ADDRESS") \
X(PEER, "reg.peer", PEER, "the peer broke the protocol", \
  "see the message", "see the message") \
X(UNKNOWN_USER, "hss.unknown-user", REFUSED, "the subscriber is not known", \
  "it was never added, or IMPI/IMPU do not belong together", "imsreg sub list") \
X(NOT_MINE, "hss.identity", REFUSED, "the public identity does not belong to this user", \
  "From/To or IMPI is wrong", "imsreg sub show IMSI") \
X(UNEXPECTED, "fsm.unexpected", PEER, "not expected in this state", \
  "a late or stray message", "nothing, if it is rare") \
X(HERE, "sys.not-here", HERE, "not possible on this machine", \
  "see the message", "see the message") \
X(INTERRUPTED, "sys.interrupted", SIGNAL, "interrupted", \
  "a signal", "start it again") \
X(CTL, "ctl.nobody", SILENCE, "nobody answers at the control socket", \
  "no core and no ue of yours runs here, or it runs with --no-ctl", \
  "imsreg core --listen ADDRESS, or imsreg ctl --ctl PATH") \
X(CTL_TAKEN, "ctl.taken", CONFIG, "the control socket is in use", \
  "another core or ue has it", "--ctl PATH with another path, or --no-ctl") \
X(CTL_BUSY, "ctl.busy", FAILED, "too many control connections", \
  "imsreg ctl watch runs too often", "end some of them") \
X(CTL_NOT_REG, "ctl.not-registered", FAILED, "not registered now", \
  "it never registered here, or its registration ended", "imsreg ctl bindings")
/* clang-format on */

#define IMS_ERR_ENUM(nm, id, exit, what, cause, next) IMS_E_##nm,
enum ims_err { IMS_E_OK, IMS_ERRORS(IMS_ERR_ENUM) IMS_E_LAST };
#undef IMS_ERR_ENUM

struct ims_err_info {
	const char *id, *what, *cause, *next;
	enum ims_exit exit;
};

/* Takes the code with either sign; 0 and strangers give "ok" and "?". */
const struct ims_err_info *ims_err_info(int code);

/* A failure with its evidence, as a value: what the functions that can say
 * more than a code fill in.
 */
#define IMS_FLAW_TEXT 200
struct ims_flaw {
	int err; /* -IMS_E_... */
	char text
		[IMS_FLAW_TEXT]; /* the evidence: field, rule, value; printable */
};
/* Sets it (f may be NULL) and returns err. */
int ims_flaw(struct ims_flaw *f, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
