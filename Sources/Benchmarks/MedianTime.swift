import Synthesis
import Torch
import Training
import Translation

/// The median of so many repetitions of `body`, in seconds; one more before them warms up.
func medianSeconds(of repetitions: Int, on device: Device, _ body: () -> Void) -> Double {
  let clock = ContinuousClock()
  body()
  device.synchronize()
  let times = (0..<repetitions).map { _ in
    clock.measure {
      body()
      device.synchronize()
    } / .seconds(1)
  }.sorted()
  return (times[(repetitions - 1) / 2] + times[repetitions / 2]) / 2
}
