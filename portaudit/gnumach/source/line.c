#include "line.h"
#include "mach_i386_user.h"

#define UART 0x2f8		/* the second serial port of a PC */
#define UART_PORTS 8
#define DATA (UART + 0)
#define INTERRUPTS (UART + 1)
#define DIVISOR_HIGH (UART + 1)
#define FIFO (UART + 2)
#define LINE_CONTROL (UART + 3)
#define MODEM_CONTROL (UART + 4)
#define LINE_STATUS (UART + 5)
#define RECEIVED 0x01
#define MAY_SEND 0x20
#define FIFO_SIZE 16

#define POLLS_BEFORE_NAP 1000000	/* some 40 ms of emulated processor */
#define NAP 10				/* milliseconds: a tick of the kernel's clock */

static char unsent[FIFO_SIZE];
static unsigned unsent_count;

static inline uint8_t port_read(uint16_t port)
{
	uint8_t byte;

	__asm__ volatile("inb %1, %0" : "=a"(byte) : "Nd"(port));
	return byte;
}

static inline void port_write(uint16_t port, uint8_t byte)
{
	__asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port));
}

kern_return_t line_open(mach_port_t device_master)
{
	mach_port_t ports;
	kern_return_t code = i386_io_perm_create(device_master, UART, UART + UART_PORTS - 1, &ports);

	if (code == KERN_SUCCESS)
		code = i386_io_perm_modify(task_self, ports, TRUE);
	if (code != KERN_SUCCESS)
		return code;
	port_write(INTERRUPTS, 0);
	port_write(LINE_CONTROL, 0x80);		/* the next two set the speed: */
	port_write(DATA, 1);			/* 115200 */
	port_write(DIVISOR_HIGH, 0);
	port_write(LINE_CONTROL, 0x03);		/* 8 bits, no parity, 1 stop bit */
	port_write(FIFO, 0xc7);			/* on, and empty; QEMU fills it to its trigger, 14, at once */
	port_write(MODEM_CONTROL, 0x03);
	return KERN_SUCCESS;
}

/* An idle machine must not keep its host busy: after a while, look only once a nap. */
static char read_byte(void)
{
	for (unsigned polls = 0; !(port_read(LINE_STATUS) & RECEIVED); polls++)
		if (polls > POLLS_BEFORE_NAP)
			nap(NAP);
	return (char)port_read(DATA);
}

static void flush(void)
{
	while (!(port_read(LINE_STATUS) & MAY_SEND))
		continue;
	for (unsigned i = 0; i < unsent_count; i++)
		port_write(DATA, (uint8_t)unsent[i]);
	unsent_count = 0;
}

static void write_byte(char byte)
{
	if (unsent_count == sizeof unsent)
		flush();
	unsent[unsent_count++] = byte;
}

static int digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Reads what stands before the next blank or line end, and gives that blank or line end. */
static char read_text(char *text, unsigned size)
{
	unsigned length = 0;
	char byte;

	while ((byte = read_byte()) != ' ' && byte != '\n')
		if (length < size - 1)
			text[length++] = byte;
	text[length] = 0;
	return byte;
}

static char read_number(uint32_t *number, int *wrong)
{
	char byte;

	*number = 0;
	while ((byte = read_byte()) != ' ' && byte != '\n') {
		*wrong |= digit(byte) < 0;
		*number = *number << 4 | (uint32_t)digit(byte);
	}
	return byte;
}

void line_read(char *command, unsigned size, struct words *numbers)
{
	char end = read_text(command, size);
	int wrong = 0;

	for (numbers->count = 0; end != '\n'; numbers->count++) {
		uint32_t number;

		end = read_number(&number, &wrong);
		if (numbers->count == WORDS)
			numbers->count--, wrong = 1;
		numbers->word[numbers->count] = number;
	}
	if (wrong)
		command[0] = 0;
}

void line_text(const char *text)
{
	while (*text)
		write_byte(*text++);
}

void line_number(uint32_t number)
{
	int shift = 28;

	while (shift > 0 && !(number >> shift))
		shift -= 4;
	for (write_byte(' '); shift >= 0; shift -= 4)
		write_byte("0123456789abcdef"[number >> shift & 15]);
}

void line_end(void)
{
	write_byte('\n');
	flush();
}
