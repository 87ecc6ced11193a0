/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_phone.c - which phone `imsreg ue` is. */
#include "cli_phone.h"

#include "cli_err.h"

#include <stdio.h>
#include <string.h>

const char *const ims_cli_transports[] = {"auto", "udp", "tcp", NULL};
const char *const ims_cli_phone_joins[] = {"blank", "comma", "lines", NULL};
const char *const ims_cli_phone_ports[] = {"any", "uc-next", "us-1000", NULL};
const char *const ims_cli_phone_rports[] = {"clear", "no", "always", NULL};

int ims_cli_phone_begin(const char *command, const char *profile,
			struct ims_cli_phone *p)
{
	memset(p, 0, sizeof *p);
	ims_ue_conf_default(&p->ue);
	if (*profile && ims_ue_profile(&p->ue, ims_str(profile)))
		return ims_cli_fail(command, -IMS_E_USAGE,
				    "--profile: there is no \"%s\" (--profile "
				    "list shows them)",
				    profile);
	p->transport = p->ue.transport_register;
	p->transport_other = p->ue.transport_other;
	p->udp_max = (uint32_t)p->ue.udp_max;
	return 0;
}

int ims_cli_phone_end(const char *command, struct ims_cli_phone *p,
		      const struct ims_cli_phone *was)
{
	struct ims_flaw why;

	/* --transport alone is for all. */
	if (p->transport != was->transport &&
	    p->transport_other == was->transport_other)
		p->transport_other = p->transport;
	p->ue.transport_register = (enum ims_ue_transport)p->transport;
	p->ue.transport_other = (enum ims_ue_transport)p->transport_other;
	p->ue.udp_max = p->udp_max;
	if (ims_ue_conf_check(&p->ue, &why))
		return ims_cli_fail(command, -IMS_E_USAGE, "--%s", why.text);
	return 0;
}

void ims_cli_phone_list(void)
{
	for (size_t i = 0; ims_ue_profile_name(i); i++)
		printf("%-13s %s\n", ims_ue_profile_name(i),
		       ims_ue_profile_about(i));
}
