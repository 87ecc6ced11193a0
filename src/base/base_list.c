/* SPDX-License-Identifier: BSD-2-Clause */
/* base_list.c - intrusive doubly linked list. */
#include "base_list.h"

void ims_list_init(struct ims_list *head)
{
	head->prev = head->next = head;
}

void ims_list_add(struct ims_list *head, struct ims_list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

void ims_list_del(struct ims_list *node)
{
	if (!node->next)
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = NULL;
}

bool ims_list_empty(const struct ims_list *head)
{
	return head->next == head;
}
