import Testing

@testable import Torch

struct DeviceTests {
  @Test func theCPUIsAlwaysThere() throws {
    #expect(try Device(named: "cpu") == .cpu)
    #expect(try Device(named: "cpu").description == "cpu")
    #expect(Device.cuda(index: 3).description == "cuda:3")
    _ = try Device(named: "auto")
  }

  @Test(arguments: ["gpu", "", "cuda:", "cuda:x", "cuda:-1", "cuda:0:1", "CPU", "cpu:0"])
  func otherWordsAreNamed(_ name: String) {
    let error = #expect(throws: DeviceUnavailable.self) { try Device(named: name) }
    #expect(error?.description == "'\(name)' is not one of auto, cpu, cuda, cuda:N, mps")
  }

  @Test func absentDevicesAreRefused() {
    #expect(throws: DeviceUnavailable.self) { try Device(named: "cuda:99999999999") }
  }
}
