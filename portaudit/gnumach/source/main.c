/*
 * The bootstrap task: a server of Mach calls on a serial line, with no operating system around it.
 *
 * Its boot line: agent ${device-port} $(task-create) $(task-resume)
 * A request names one of the controller's commands (commands.c), or a call (calls.c) for the task in the
 * slot that comes first among its numbers.  The answer begins with the request's number and one of
 *   answered CODE NUMBERS...	the kernel's return code, and its outputs if that is success, or a message
 *   ended			the task ended in the call, or before it
 *   refused			the request makes no sense
 */
#include "commands.h"
#include "task.h"

#define COMMAND_SIZE 40

/* The numbers of the request, and of a command's answer: a task's own go through the mailbox. */
static struct words numbers, outputs;

static void answer(uint32_t request, kern_return_t code, const struct words *out)
{
	line_number(request);
	line_text(" answered");
	line_number((uint32_t)code);
	for (uint32_t i = 0; i < out->count; i++)
		line_number(out->word[i]);
	line_end();
}

static void answer_in_a_word(uint32_t request, const char *word)
{
	line_number(request);
	line_text(word);
	line_end();
}

static void run(uint32_t request, const struct command *command)
{
	kern_return_t code;

	outputs.count = 0;
	code = command->run(&numbers, &outputs);
	if (code != KERN_SUCCESS)
		outputs.count = 0;
	answer(request, code, &outputs);
}

static void call(uint32_t request, const struct call *call)
{
	mailbox.call = call;
	mailbox.in.count = numbers.count - 1;
	memcpy(mailbox.in.word, numbers.word + 1, mailbox.in.count * sizeof numbers.word[0]);
	if (!task_make_call(&tasks[numbers.word[0]])) {
		answer_in_a_word(request, " ended");
		return;
	}
	if (mailbox.code != KERN_SUCCESS && mailbox.code != MACH_SEND_TIMED_OUT)
		mailbox.out.count = 0;
	answer(request, mailbox.code, &mailbox.out);
}

static int is_slot(uint32_t number)
{
	return number < SLOTS && tasks[number].port != MACH_PORT_NULL;
}

/* The controller itself, slot 0, may be a parent and nothing else. */
static int is_first_start(const struct command *command, uint32_t slot)
{
	return slot == 0 && same_text(command->name, "start");
}

static void serve_line(uint32_t request)
{
	static char name[COMMAND_SIZE];
	const struct command *command;
	const struct call *wanted;

	line_read(name, sizeof name, &numbers);
	command = command_named(name);
	wanted = call_named(name);
	if (command && numbers.count == command->inputs &&
	    (is_slot(numbers.word[0]) || is_first_start(command, numbers.word[0])))
		run(request, command);
	else if (wanted && numbers.count > wanted->inputs && is_slot(numbers.word[0]))
		call(request, wanted);
	else
		answer_in_a_word(request, " refused");
}

static mach_port_t number_of(const char *text)
{
	mach_port_t number = 0;

	for (; *text; text++)
		number = number * 10 + (mach_port_t)(*text - '0');
	return number;
}

void serve(char **stack);

void serve(char **stack)
{
	static const struct words nothing;
	kern_return_t code;

	runtime_start();
	code = line_open(number_of(stack[2]));		/* stack[0] is argc, stack[1] this module's name */
	if (code == KERN_SUCCESS)
		code = task_prepare();
	answer(0, code, &nothing);
	for (uint32_t request = 1;; request++)
		serve_line(request);
}
