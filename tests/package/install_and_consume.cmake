# Called by CTest with BUILD (our build folder), CONSUMER (a project), WORK (a folder to use), SANITIZE, BUILD_TYPE.
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(link_flags)
if(SANITIZE)
  set(link_flags -DCMAKE_EXE_LINKER_FLAGS=-fsanitize=${SANITIZE})
endif()
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
step(${CMAKE_COMMAND} -G Ninja -S ${CONSUMER} -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_BUILD_TYPE=${BUILD_TYPE} ${link_flags})
step(${CMAKE_COMMAND} --build ${WORK}/build)
step(${WORK}/build/consumer ${WORK}/squares.zarr)

# The same by the shared library, by pkg-config, and in two plugins of one process.
step(${WORK}/build/consumer_of_shared ${WORK}/squares_of_shared.zarr)
if(NOT SANITIZE)
  step(${WORK}/build/host)
  file(GLOB_RECURSE pc ${WORK}/prefix/*/varve.pc)
  cmake_path(GET pc PARENT_PATH pc_folder)
  find_program(PKG_CONFIG pkg-config REQUIRED)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_folder} ${PKG_CONFIG} --cflags --libs varve
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  cmake_path(GET pc_folder PARENT_PATH library_folder)
  step(${COMPILER} -std=c++20 ${CONSUMER}/main.cpp ${flags} -Wl,-rpath,${library_folder} -o ${WORK}/by_pkg_config)
  step(${WORK}/by_pkg_config ${WORK}/squares_by_pkg_config.zarr)
endif()

# What cannot work fails while it is compiled, with a sentence.
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build --target strings
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0 OR NOT output MATCHES "T must be the C\\+\\+ type of one of Varve's dtypes")
  message(FATAL_ERROR "to_vector<std::string> should end in one clear assertion:\n${output}")
endif()
