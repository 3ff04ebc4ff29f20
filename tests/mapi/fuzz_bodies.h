#pragma once
#include <string_view>

// Any bytes, given to a decoder of mapi-adapter/codec/: it answers a value or an error, what it answers encodes to
// bytes that decode to the same, and what is made of it here does not fail. Each is a fuzz target of its own
// (fuzz_mapi_NAME); mapi_test feeds them all.
namespace outpost::mapi::test {

void FuzzAppointmentRecurrence(std::string_view bytes);
void FuzzTaskRecurrence(std::string_view bytes);
void FuzzZoneStruct(std::string_view bytes);
void FuzzZoneDefinition(std::string_view bytes);
void FuzzGlobalObjectId(std::string_view bytes);
void FuzzRtf(std::string_view bytes);
void FuzzOneOffId(std::string_view bytes);
void FuzzWrappedId(std::string_view bytes);
void FuzzKeptProps(std::string_view bytes);

inline constexpr void (*kFuzzBodies[])(std::string_view) = {FuzzAppointmentRecurrence,
                                                            FuzzTaskRecurrence,
                                                            FuzzZoneStruct,
                                                            FuzzZoneDefinition,
                                                            FuzzGlobalObjectId,
                                                            FuzzRtf,
                                                            FuzzOneOffId,
                                                            FuzzWrappedId,
                                                            FuzzKeptProps};

}  // namespace outpost::mapi::test
