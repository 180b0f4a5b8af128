import Commands
import Foundation

exit(CommandLineTool.cyclegan.run(CommandLine.unsafeArgv))
