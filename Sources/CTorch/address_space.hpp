#pragma once

// Whether a limit of the address space leaves less than libraries need that do not notice when memory runs out.
bool address_space_is_short();

// Lets threads share what they reserve, where the address space is limited. To be called before there are
// threads.
void spare_address_space();
